export { hasEndedInProc } from '../../../target/in-proc.ts';
export { pinOtherwise } from '../../../target/pin-otherwise.ts';
