export { openDirectory, openProcDirectory } from '../../../directory.ts';
