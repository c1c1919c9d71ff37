export { directorySource, namespaceSource, parseDescriptor, parseId } from '../../../option-values.ts';
