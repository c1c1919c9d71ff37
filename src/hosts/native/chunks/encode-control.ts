export { encodeControlStep } from '../../../plan/encode-control.ts';
