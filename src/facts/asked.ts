import type { Request } from '../request/request.ts';
import type { Sys } from '../sys/sys.ts';
import type { Target } from '../target/target.ts';
import { type CgroupDirectory, openCgroups } from './cgroup.ts';
import type { ControlFacts } from './control-facts.ts';
import { type OpenDirectory, openDirectory, openProcDirectory } from './directory.ts';
import { readTargetEnvironment } from './environment.ts';
import type { OpenNamespace } from './namespace-source.ts';
import { readContext } from './selinux.ts';

/** What nsenter's options ask for beside namespaces. */
export type Asked = Pick<
  Request,
  'root' | 'workingDirectory' | 'uid' | 'gid' | 'joinCgroup' | 'targetEnvironment' | 'followContext'
>;

/** What the planner has to know of the world. Every descriptor is open and close-on-exec. */
export interface Facts {
  target: Target | undefined;
  /** in the order of the namespace table */
  namespaces: readonly OpenNamespace[];
  root: OpenDirectory | undefined;
  workingDirectory: OpenDirectory | undefined;
  /** /proc/PID of the target: its owner is who `follow` follows */
  targetDirectory: number | undefined;
  cgroups: readonly CgroupDirectory[];
  /** the program's NAME=VALUE strings, where they are not the caller's: the target's, or what was made of these or those */
  environment: readonly string[] | undefined;
  /** the target's SELinux context, where it was asked for and there is one */
  context: string | undefined;
  /** what the program is to be beside, where something was said */
  controls?: ControlFacts;
}

/**
 * @param kept the variables that on a terminal stay those of the caller
 * @throws TsenterError for what cannot be opened or read
 */
export function findAsked(
  sys: Sys,
  asked: Asked,
  target: Target | undefined,
  namespaces: readonly OpenNamespace[],
  kept?: readonly string[],
): Facts {
  return {
    target,
    namespaces,
    root: asked.root && openDirectory(sys, 'root', asked.root, target),
    workingDirectory: asked.workingDirectory && openDirectory(sys, 'cwd', asked.workingDirectory, target),
    targetDirectory:
      target && (asked.uid === 'follow' || asked.gid === 'follow')
        ? openProcDirectory(sys, target)
        : undefined,
    cgroups: target && asked.joinCgroup ? openCgroups(sys, target) : [],
    environment:
      target && asked.targetEnvironment ? readTargetEnvironment(sys, target, namespaces, kept) : undefined,
    context: asked.followContext ? readContext(sys, target) : undefined,
  };
}
