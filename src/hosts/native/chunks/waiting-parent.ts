export { attachSteps, dieSteps, forkSteps, openingSteps } from '../../../plan/waiting-parent.ts';
