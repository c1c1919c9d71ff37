export { ableToFilter, closingSteps, hostSteps, sessionSteps } from '../../../plan/control-steps.ts';
