export { showList } from '../../../cli/list.ts';
