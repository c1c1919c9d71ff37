export { renderList, renderNamespaces } from '../../../cli/screens/list.ts';
