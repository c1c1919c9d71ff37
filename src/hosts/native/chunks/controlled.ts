export { gatherControlled } from '../../../facts/controlled.ts';
