export { withoutUndone } from '../../../cli/words/contraries.ts';
