export { pinNamed } from '../../../target/resolve.ts';
