export { namespaceByProcess } from '../../../facts/namespace-by-process.ts';
