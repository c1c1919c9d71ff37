/** The values of a column that occur more than once. */
export function repeated(values: readonly (string | number | undefined)[]): (string | number)[] {
  const given = values.filter((value) => value !== undefined);
  return given.filter((value, index) => given.indexOf(value) !== index);
}
