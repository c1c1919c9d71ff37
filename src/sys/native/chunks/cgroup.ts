export { openCgroups } from '../../../cgroup.ts';
