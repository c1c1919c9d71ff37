export { missingTarget, nothingAsked } from '../../../request/missing-target.ts';
