export { directorySource, namespaceSource, parseDescriptor, parseId } from '../../../request/parse-value.ts';
