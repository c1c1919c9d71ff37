export { credentialSteps } from '../../../credential-steps.ts';
