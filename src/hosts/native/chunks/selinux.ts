export { readContext, usesSelinux } from '../../../facts/selinux.ts';
