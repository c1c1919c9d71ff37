export { credentialSteps, userId } from '../../../credential-steps.ts';
