export { entersFiles, rootSteps, workingDirectorySteps } from '../../../plan/directory-steps.ts';
