export { unambiguous } from '../../../cli/words/abbreviation.ts';
