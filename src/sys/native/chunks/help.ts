export { renderHelp } from '../../../cli/help.ts';
