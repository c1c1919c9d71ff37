export { openCgroups } from '../../../facts/cgroup.ts';
