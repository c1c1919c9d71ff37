export { takeControls } from '../../../request/parse-controls.ts';
