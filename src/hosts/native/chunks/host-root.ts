export { openHostRoot } from '../../../target/host-root.ts';
