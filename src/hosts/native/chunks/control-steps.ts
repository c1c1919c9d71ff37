export { closingSteps, hostSteps, sessionSteps } from '../../../plan/control-steps.ts';
