export {
  ableToFilter,
  closingSteps,
  hostSteps,
  isPathOfTarget,
  sessionSteps,
} from '../../../plan/control-steps.ts';
