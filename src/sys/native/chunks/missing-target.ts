export { missingTarget, nothingAsked } from '../../../missing-target.ts';
