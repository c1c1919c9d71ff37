export { missingTarget } from '../../../missing-target.ts';
