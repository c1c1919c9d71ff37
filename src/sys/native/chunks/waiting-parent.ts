export { attachSteps, dieSteps, forkSteps, openingSteps } from '../../../waiting-parent.ts';
