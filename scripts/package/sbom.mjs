/** A bill of materials (CycloneDX): what npm tells of the library's dependencies, and what is in the executable beside it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { components } from '../notices.mjs';

export function makeSbom(root, out, { name, version, time }) {
  const words = [
    'sbom',
    '--sbom-format=cyclonedx',
    '--package-lock-only',
    '--omit=dev',
    '--sbom-type=application',
  ];
  const told = JSON.parse(execFileSync('npm', words, { cwd: root, encoding: 'utf8' }));
  // koffi has an addon for each system there is.
  const ofNpm = told.components.filter(
    ({ purl }) => !/koffi-/.test(purl) || /koffi-linux-(x64|arm64)@/.test(purl),
  );
  const known = new Set(ofNpm.map(({ purl }) => purl));
  const embedded = components()
    .filter(({ purl }) => !known.has(purl))
    .map(component);
  const refs = new Set([...ofNpm, ...embedded].map((each) => each['bom-ref']));
  const { properties: _, ...own } = told.metadata.component;
  const content = {
    ...told,
    metadata: {
      ...told.metadata,
      timestamp: new Date(time * 1000).toISOString(),
      // npm takes the name of the directory.
      component: { ...own, name },
    },
    components: [...ofNpm, ...embedded],
    dependencies: told.dependencies
      .filter(({ ref }) => refs.has(ref) || ref === own['bom-ref'])
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: [
          ...dependsOn.filter((each) => refs.has(each)),
          ...(ref === own['bom-ref'] ? embedded.map((each) => each['bom-ref']) : []),
        ],
      })),
    serialNumber: undefined,
  };
  const bill = { ...content, serialNumber: uuidOf(JSON.stringify(content)) };
  writeFileSync(`${out}/tsenter-${version}.cdx.json`, `${JSON.stringify(bill, undefined, 2)}\n`);
}

function component({ name, version, where, licence, purl }) {
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    scope: 'required',
    description: where,
    licenses: [{ license: { id: licence } }],
    purl,
  };
}

/** Of the content, in the form of a random one (RFC 9562, version 8). */
function uuidOf(content) {
  const hash = createHash('sha256').update(content).digest('hex');
  return `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
