export { unambiguous } from '../../../cli/abbreviation.ts';
