export {
  directorySource,
  namespaceSource,
  parseDescriptor,
  parseEscape,
  parseId,
} from '../../../request/parse-value.ts';
