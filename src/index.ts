export { TsenterError } from './errors.ts';
export type { NamespaceName } from './namespaces.ts';
