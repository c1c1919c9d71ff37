export { entersFiles, workingDirectorySteps } from '../../../plan/directory-steps.ts';
