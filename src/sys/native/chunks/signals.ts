export { parseSignal } from '../../../signals.ts';
