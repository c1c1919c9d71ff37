import { describe, expect, it } from 'vitest';
import { containerIn } from '../../../../src/target/listing/in-cgroups.ts';

const ID = 'a1b2c3d4e5f60718'.repeat(4);
const OTHER = 'b1ffffffffffffff'.repeat(4);

describe('the cgroup of a process in', () => {
  it.each([
    ['docker, systemd', `0::/system.slice/docker-${ID}.scope\n`, 'docker', ID],
    ['docker, cgroupfs', `0::/docker/${ID}\n`, 'docker', ID],
    ['docker, version 1', `9:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}\n`, 'docker', ID],
    ['docker, below another parent', `0::/team/${ID}\n`, 'cgroup', ID],
    [
      'containerd, systemd',
      `0::/kubepods.slice/kubepods-pod7.slice/cri-containerd-${ID}.scope\n`,
      'containerd',
      ID,
    ],
    [
      'containerd, systemd taken literally',
      `0::/system.slice/kubepods-pod7.slice:cri-containerd:${ID}\n`,
      'containerd',
      ID,
    ],
    ['Kubernetes, cgroupfs', `0::/kubepods/besteffort/pod7/${ID}\n`, 'pod', ID],
    ['CRI-O', `0::/kubepods.slice/kubepods-pod7.slice/crio-${ID}.scope\n`, 'crio', ID],
    ['podman, systemd', `0::/machine.slice/libpod-${ID}.scope\n`, 'podman', ID],
    ['podman, systemd, inside', `0::/machine.slice/libpod-${ID}.scope/container\n`, 'podman', ID],
    ['podman, cgroupfs', `0::/libpod_parent/libpod-${ID}\n`, 'podman', ID],
    ['podman, split', `0::/user.slice/x.service/libpod-payload-${ID}\n`, 'podman', ID],
    ['LXC', '0::/lxc.payload.web/init.scope\n', 'lxc', 'web'],
    ['nspawn', '0::/machine.slice/machine-deb.scope/payload/init.scope\n', 'machine', 'deb'],
    ['docker in docker', `0::/docker/${OTHER}/docker/${ID}\n`, 'docker', ID],
    ['the hierarchy that tells', `3:cpu:/\n2:pids:/docker/${ID}\n0::/\n`, 'docker', ID],
    ['a name with a colon', `0::/a:b/docker-${ID}.scope\n`, 'docker', ID],
  ])('%s', (_, cgroup, scheme, id) => {
    expect(containerIn(cgroup)).toEqual({ scheme, id });
  });

  it('nspawn, whose scope has the name escaped', () => {
    const cgroup = '0::/machine.slice/machine-my\\x2ddeb.scope/payload\n';
    expect(containerIn(cgroup)).toEqual({ scheme: 'machine', id: 'my-deb', written: 'my\\x2ddeb' });
  });

  it.each([
    ['none', '0::/user.slice/user-0.slice/session-1.scope\n'],
    ['the root', '0::/\n'],
    ['nothing', ''],
    ['what runs podman’s', `0::/machine.slice/libpod-conmon-${ID}.scope\n`],
    ['what runs CRI-O’s', `0::/kubepods.slice/crio-conmon-${ID}.scope\n`],
    ['what runs LXC’s', '0::/lxc.monitor.web\n'],
    ['nspawn itself', '0::/machine.slice/machine-deb.scope/supervisor\n'],
    ['a shorter number', `0::/docker/${ID.slice(1)}\n`],
    ['a longer one', `0::/docker/${ID}0\n`],
    ['the daemon', '0::/system.slice/docker.service\n'],
    ['a hierarchy that is called so', `1:docker/${ID}:/\n`],
  ])('%s: none', (_, cgroup) => {
    expect(containerIn(cgroup)).toBeUndefined();
  });
});
