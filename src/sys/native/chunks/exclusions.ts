export { checkExclusion } from '../../../exclusions.ts';
