export { renderVersion } from '../../../cli/version.ts';
