export { readContext } from '../../../selinux.ts';
