/** A field of what JSON.parse gave, at any depth; undefined where there is none. What others wrote has any form. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    // Its own only: a name may be that of a method.
    found = Object.getOwnPropertyDescriptor(found, name)?.value;
  }
  return found;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const text = fieldAt(value, ...path);
  return typeof text === 'string' ? text : undefined;
}

/** A whole number from 0 on, as a process id or a time is. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const number = fieldAt(value, ...path);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = fieldAt(value, ...path);
  return Array.isArray(list) ? list : [];
}
