/**
 * The container image in each engine, as one that is loaded from the file: a privileged container with the host's processes and its
 * root at /host, as an administrator's pod is, enters another container by its name, and the host.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { arch, hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Container } from '../engines/container.ts';
import { mustRun } from '../support/must-run.ts';
import { debian, directory, missing, told, type, version } from './packages.ts';

const reason = missing();
if (reason !== undefined) it.skipIf(!mustRun(reason))(reason, () => undefined);

const all = `${directory}/tsenter-${version}-image.tar`;
const own = `${directory}/tsenter-${version}-image-${debian}.tar`;
const name = `tsenter:${version}`;
const pod = ['--rm', '--network=none', '--pid=host', '--volume=/:/host'];

/** Docker gives who is privileged all capabilities, also where it has not all itself, and then cannot start it. */
function asPrivileged(): string[] {
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  const bounding = /^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (BigInt(`0x${bounding}`) === (1n << BigInt(last + 1)) - 1n) return ['--privileged'];
  const unconfined = ['seccomp', 'apparmor'].map((module) => `--security-opt=${module}=unconfined`);
  return ['--cap-add=SYS_ADMIN', '--cap-add=SYS_PTRACE', ...unconfined];
}

interface Engine {
  readonly name: string;
  /** Words of its client: that load the image, list what is loaded, and run it in such a container, up to the words of tsenter. */
  readonly load: readonly string[];
  readonly images: readonly string[];
  readonly run: readonly string[];
}

const engines: readonly Engine[] = [
  {
    name: 'podman',
    load: ['load', '--input', all],
    images: ['images'],
    run: ['run', '--privileged', ...pod, name],
  },
  {
    name: 'docker',
    load: ['load', '--input', own],
    images: ['images'],
    run: ['run', ...asPrivileged(), ...pod, name],
  },
  {
    name: 'containerd',
    load: ['image', 'import', all],
    images: ['image', 'ls'],
    run: [
      ...['run', '--rm', '--privileged', '--with-ns', `pid:/proc/${process.pid}/ns/pid`],
      ...['--mount', 'type=bind,src=/,dst=/host,options=rbind', `docker.io/library/${name}`],
    ],
  },
];

let other: Container;
beforeAll(() => {
  if (reason === undefined) other = new Container('runc');
});
afterAll(() => other?.down());

describe.skipIf(reason !== undefined).each(engines)('$name', (engine) => {
  const lacks = Container.missing(engine.name);
  if (lacks.length > 0) {
    const why = `${engine.name} is not installed: ${lacks.join(', ')}`;
    it.skipIf(!mustRun(why))(why, () => undefined);
    return;
  }

  let container: Container;
  beforeAll(() => {
    container = new Container(engine.name);
    container.client(...engine.load);
  });
  afterAll(() => container?.down());

  let count = 0;
  /** The output of tsenter with these words in a container of the image. */
  function inPod(...words: readonly string[]): string {
    if (engine.name !== 'containerd') return container.client(...engine.run, ...words);
    // Of a program that ends at once ctr may lose the output: the shim writes it to a file.
    const output = `${container.lab}/output-${++count}`;
    const [run = '', ...options] = engine.run;
    const named = [`${container.name}-${count}`, '/tsenter', ...words];
    container.client(run, `--log-uri=file://${output}`, ...options, ...named);
    return readFileSync(output, 'utf8').trim();
  }

  it('has it, of this architecture', () => {
    expect(container.client(...engine.images)).toMatch(new RegExp(`tsenter:? *${version}`));
    expect(inPod('--version').startsWith(told())).toBe(true);
  });

  it('enters the host', () => {
    const pid = String(process.pid);
    expect(inPod('-t', pid, '-u', '-m', 'hostname')).toBe(hostname());
    expect(inPod('-t', pid, '-a', 'readlink', '/proc/self/ns/mnt')).toBe(readlinkSync('/proc/self/ns/mnt'));
  });

  it('enters another container, by its name', () => {
    expect(inPod('--host-root=/host', '-t', `runc:${other.name}`, '-a', 'hostname')).toBe('in-runc');
    expect(inPod('-t', String(container.pid), '-u', '-m', 'hostname')).toBe(`in-${engine.name}`);
  });
});

describe.skipIf(reason !== undefined)('the layout', () => {
  it('has both architectures, and of them nothing but the executable and its notices', async () => {
    const { stdout } = await type(['sh', '-c', 'tar -xOf "$0" index.json', all]);
    const index = JSON.parse(stdout) as { manifests: { digest: string }[] };
    expect(index.manifests).toHaveLength(1);
    const blob = async (digest: string) =>
      JSON.parse((await type(['tar', '-xOf', all, path(digest)])).stdout);
    const path = (digest: string) => `blobs/${digest.replace(':', '/')}`;
    const { manifests } = await blob(index.manifests[0]?.digest ?? '');
    const platforms = manifests.map(
      (each: { platform: { architecture: string } }) => each.platform.architecture,
    );
    expect(platforms).toEqual(['amd64', 'arm64']);
    for (const { digest } of manifests) {
      const { layers, config } = await blob(digest);
      expect((await blob(config.digest)).config.Entrypoint).toEqual(['/tsenter']);
      expect(layers).toHaveLength(1);
      const list = 'tar -xOf "$0" "$1" | tar -tz';
      const files = (await type(['sh', '-c', list, all, path(layers[0].digest)])).stdout;
      expect(files).toBe('tsenter\nLICENSE\nTHIRD-PARTY-NOTICES\n');
    }
    expect(platforms).toContain(arch() === 'arm64' ? 'arm64' : 'amd64');
  });
});
