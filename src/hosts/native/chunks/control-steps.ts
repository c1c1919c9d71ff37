export {
  ableToFilter,
  closingSteps,
  failureStep,
  hostSteps,
  sessionSteps,
} from '../../../plan/control-steps.ts';
