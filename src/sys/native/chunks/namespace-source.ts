export {
  openNamespaceSource,
  openParentUserNamespace,
  openSocketNamespace,
} from '../../../namespace-source.ts';
