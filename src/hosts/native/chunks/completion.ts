export { renderCompletion } from '../../../cli/completion/completion.ts';
