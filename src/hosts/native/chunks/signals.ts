export { parseSignal } from '../../../request/signals.ts';
