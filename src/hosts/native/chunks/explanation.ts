export { printExplanation } from '../../../cli/screens/explain.ts';
