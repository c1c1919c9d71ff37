export { renderFailure, renderPrefix } from '../../../cli/failure.ts';
