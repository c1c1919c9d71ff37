export { readContext } from '../../../facts/selinux.ts';
