export { findAll } from '../../../target/listing/find-all.ts';
export { pinNamed } from '../../../target/resolve.ts';
