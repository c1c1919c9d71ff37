export { renderNote } from '../../../cli/screens/note.ts';
export { noteOnChildren } from '../../../target/children.ts';
