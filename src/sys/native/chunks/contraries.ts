export { withoutUndone } from '../../../cli/contraries.ts';
