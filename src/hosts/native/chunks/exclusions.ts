export { checkExclusion } from '../../../options/exclusions.ts';
