export { shellSteps } from '../../../plan/shell-steps.ts';
