export { noteOnChildren } from '../../../target/children.ts';
