export { didYouMeanFlags } from '../../../facts/glued.ts';
