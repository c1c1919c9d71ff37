export { encodeRareStep } from '../../../rare-steps.ts';
