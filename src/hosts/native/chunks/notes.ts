export { tellOfChildren, tellOfPause } from '../../../cli/notes.ts';
