export { openDirectory } from '../../../directory.ts';
