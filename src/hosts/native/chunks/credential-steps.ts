export { credentialSteps, rememberSteps, userId } from '../../../plan/credential-steps.ts';
