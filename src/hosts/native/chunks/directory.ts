export { openDirectory, openProcDirectory } from '../../../facts/directory.ts';
