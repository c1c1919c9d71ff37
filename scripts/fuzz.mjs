// npm run fuzz -- [SECONDS [SEED]]: the fuzzers of test/security/fuzz*.test.ts, each for that long (a minute), on both hosts.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [seconds = '60', seed] = process.argv.slice(2);

for (const host of ['native', 'node']) {
  console.log(`\n== ${host}: each kind for ${seconds} s`);
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project=security', 'test/security/fuzz'],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        TSENTER_UNDER_TEST: join(root, `dist/${host}/tsenter`),
        TSENTER_FUZZ_SECONDS: seconds,
        ...(seed === undefined ? {} : { TSENTER_FUZZ_SEED: seed }),
      },
    },
  );
  if (status !== 0) process.exitCode = 1;
}
