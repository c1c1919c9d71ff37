export { tellNotTaken, tellOfChildren, tellOfPause } from '../../../cli/notes.ts';
