export { readTargetEnvironment } from '../../../environment.ts';
