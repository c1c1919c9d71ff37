export { withPreset } from '../../../cli/words/preset.ts';
