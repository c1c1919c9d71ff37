export { renderExplanation } from '../../../cli/screens/explain.ts';
