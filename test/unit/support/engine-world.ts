import type { FakeProcess, FakeSys } from './fake-sys.ts';

/** A process whose start is its number, in hundredths of ten seconds. */
export function addProcess(
  sys: FakeSys,
  pid: number,
  cgroup = '/',
  process: FakeProcess = { own: ['mount', 'pid'] },
): void {
  sys.addProcess(pid, { ...process, cgroup: `0::${cgroup}\n` });
  const after = Array.from({ length: 30 }, (_, index) => (index === 19 ? String(pid * 10) : '0'));
  after[0] = 'S';
  sys.files.set(`/proc/${pid}/stat`, { text: `${pid} (a) b) ${after.join(' ')}` });
  sys.files.set(`/proc/${pid}/status`, { text: `Name:\ta) b\nUid:\t0\t${pid}\t0\t0\nGid:\t0\t0\t0\t0\n` });
  sys.files.set(`/proc/${pid}/comm`, { text: 'a) b\n' });
  sys.files.set('/proc', {});
}

/** @param content a text, or what it is as JSON */
export function addFile(sys: FakeSys, path: string, content: unknown): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  sys.files.set(path, { text });
  const parts = path.split('/');
  for (let length = parts.length - 1; length > 1; length--)
    sys.files.set(parts.slice(0, length).join('/'), sys.files.get(parts.slice(0, length).join('/')) ?? {});
}

export const runcState = (pid: number, start = pid * 10) => ({
  id: 'c',
  init_process_pid: pid,
  init_process_start: start,
  created: '2026-11-26T14:50:23.837746382Z',
});

export function dockerConfig(id: string, name: string, pid: number, more: object = {}): object {
  return { ID: id, Name: `/${name}`, State: { Running: pid !== 0, Pid: pid }, ...more };
}
