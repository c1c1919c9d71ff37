export { shellSteps } from '../../../shell-steps.ts';
