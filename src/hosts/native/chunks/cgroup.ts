export { frozenProcesses, isFrozen, openCgroups } from '../../../facts/cgroup.ts';
