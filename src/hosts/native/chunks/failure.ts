export { reportFailure } from '../../../cli/report.ts';
export { renderFailure, renderPrefix } from '../../../cli/screens/failure.ts';
