export { readTargetEnvironment } from '../../../facts/environment.ts';
