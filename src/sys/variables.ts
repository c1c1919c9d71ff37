/** The value of a variable among NAME=VALUE strings. */
export function variableIn(entries: readonly string[], name: string): string | undefined {
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
