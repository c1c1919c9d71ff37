/** A registry for npm that has the packages of a directory, and leads to npm's own for all others. */
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Registry extends AsyncDisposable {
  readonly url: string;
}

export async function startRegistry(directory: string): Promise<Registry> {
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', cwd: '/' }).trim();
  const archives = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
  const packages = new Map(
    archives.map((archive) => {
      const manifest = execFileSync('tar', [
        '-xOf',
        `${directory}/${archive}`,
        'package/package.json',
      ]).toString();
      return [(JSON.parse(manifest) as { name: string }).name, { archive, manifest }] as const;
    }),
  );
  // npm remembers what was at an address: a port may come again, and have another build.
  const own = `/${randomUUID()}`;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(own, '');
    const name = decodeURIComponent(path).replace(/^\//, '');
    const found = packages.get(name);
    const archive = archives.find((each) => name === `-/${each}`);
    if (found) response.end(about(found.archive, found.manifest));
    else if (archive) response.end(readFileSync(`${directory}/${archive}`));
    else response.writeHead(302, { location: `${upstream.replace(/\/$/, '')}${path}` }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${own}`;

  function about(archive: string, manifest: string): string {
    const manifestOf = JSON.parse(manifest) as { name: string; version: string };
    const hash = createHash('sha512').update(readFileSync(`${directory}/${archive}`));
    const dist = { tarball: `${url}/-/${archive}`, integrity: `sha512-${hash.digest('base64')}` };
    return JSON.stringify({
      name: manifestOf.name,
      'dist-tags': { latest: manifestOf.version },
      versions: { [manifestOf.version]: { ...manifestOf, dist } },
    });
  }

  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
