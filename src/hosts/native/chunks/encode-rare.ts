export { encodeRareStep } from '../../../plan/encode-rare.ts';
