export { renderFailure, renderPrefix } from '../../../cli/failure.ts';
export { reportFailure } from '../../../cli/report.ts';
