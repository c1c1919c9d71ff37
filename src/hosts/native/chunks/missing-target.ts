export { missingTarget, notAProcessId, nothingAsked } from '../../../request/missing-target.ts';
