export { directoryMeant, namespaceMeant } from '../../../facts/glued.ts';
