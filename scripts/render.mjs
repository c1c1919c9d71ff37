// Renders what is made from the tables, and from the library's comments, into the files that are checked in. With --check it writes nothing and fails
// where one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { renderApi } from './api.mjs';
import { renderExplainSchema } from './explain-schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/rendered/rendered-files.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const source = Buffer.from(outputFiles[0].contents).toString('base64');
const { namespaceNames, renderedFiles } = await import(`data:text/javascript;base64,${source}`);

const tried = JSON.parse(read(`${root}/docs/kernels.json`) || '[]');

let stale = false;
const files = {
  ...renderedFiles,
  'docs/api.md': () => renderApi(root),
  'docs/explain.schema.json': () => renderExplainSchema(root, namespaceNames),
};
for (const [path, render] of Object.entries(files)) {
  const current = read(`${root}/${path}`);
  const rendered = render(current, tried);
  if (rendered === current) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is stale: npm run render`);
    stale = true;
  } else writeFileSync(`${root}/${path}`, rendered);
}
process.exitCode = stale ? 1 : 0;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
