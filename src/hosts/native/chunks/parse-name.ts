export { meanByName, parseName } from '../../../request/parse-name.ts';
