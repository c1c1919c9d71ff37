/** The chunk that is evaluated when there is something for people to read. */
export { screens } from '../../cli/screens.ts';
