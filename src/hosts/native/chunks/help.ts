export { renderHelp } from '../../../cli/screens/help.ts';
