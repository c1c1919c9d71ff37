export { renderExplanation } from '../../../cli/explain.ts';
