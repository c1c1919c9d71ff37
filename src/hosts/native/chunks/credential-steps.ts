export { credentialSteps, userId } from '../../../plan/credential-steps.ts';
