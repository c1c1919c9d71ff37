export {
  directorySource,
  namespaceSource,
  parseDescriptor,
  parseEscape,
  parseId,
  parseShell,
} from '../../../request/parse-value.ts';
