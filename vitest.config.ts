import { defineConfig } from 'vitest/config';

const layer = (name: string, options: object = {}) => ({
  define: { TSENTER_VERSION: '"0.0.0-test"', TSENTER_COMMIT: '"0123456789ab of 2026-01-02"' },
  test: {
    name,
    // clipanion imports a directory, which only a bundler resolves.
    server: { deps: { inline: ['clipanion'] } },
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    ...options,
  },
});

export default defineConfig({
  test: {
    projects: [
      ...['unit', 'conformance', 'security', 'terminal', 'engines', 'native'].map((name) => layer(name)),
      // The library is the same whichever command is tested.
      layer('integration', {
        exclude: /native|sanitized/.test(process.env.TSENTER_UNDER_TEST ?? '')
          ? ['test/integration/library*.test.ts']
          : [],
      }),
      layer('packages', { globalSetup: 'test/packages/setup.ts', testTimeout: 120_000 }),
      // A machine takes a processor of its own.
      layer('kernels', {
        fileParallelism: false,
        maxConcurrency: 2,
        testTimeout: 2_000_000,
        sequence: { groupOrder: 1 },
        // Each machine takes a minute and a half, and as long again to make its disk: CI has five for all of this.
        exclude: process.env.TSENTER_TEST_KERNELS === 'quick' ? ['test/kernels/systemd.test.ts'] : [],
      }),
    ],
    maxWorkers: 2,
  },
});
