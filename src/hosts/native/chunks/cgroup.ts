export { isFrozen, openCgroups } from '../../../facts/cgroup.ts';
