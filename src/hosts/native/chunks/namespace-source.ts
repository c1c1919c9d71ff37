export {
  openNamespaceSource,
  openParentUserNamespace,
  openSocketNamespace,
} from '../../../facts/namespace-source.ts';
