/** The packages of which there is something in a bundle, as esbuild tells: what is asked for and then left out is not. */
export function packagesIn({ outputs }) {
  const names = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  return [...new Set(names)].sort();
}
