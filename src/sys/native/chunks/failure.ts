export { renderPrefix, reportFailure } from '../../../cli/failure.ts';
