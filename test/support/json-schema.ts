/** As much of JSON Schema (draft 2020-12) as the schemas of docs/ need; a keyword that is not known here is an error. */
import { readFileSync } from 'node:fs';
import { repository } from './programs.ts';

type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with a value; nothing: it is as the schema of this name has it. */
export function violations(value: unknown, name: 'list' | 'explain' = 'list'): string[] {
  const root = JSON.parse(readFileSync(`${repository}/docs/${name}.schema.json`, 'utf8')) as Schema;
  return check(root, value, '$', root);
}

const typeOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : Number.isInteger(value)
        ? 'integer'
        : typeof value;

const fieldsOf = (value: unknown): [string, unknown][] =>
  typeOf(value) === 'object' ? Object.entries(value as object) : [];

/** @param root has what the schema refers to */
type Keyword = (argument: never, value: unknown, at: string, root: Schema, schema: Schema) => string[];

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $schema: () => [],
  $id: () => [],
  $defs: () => [],
  title: () => [],
  description: () => [],
  $ref: (path: string, value, at, root) => check(resolve(path, root), value, at, root),
  oneOf: (schemas: readonly Schema[], value, at, root) => {
    const found = schemas.map((schema) => check(schema, value, at, root));
    const fitting = found.filter((wrong) => wrong.length === 0).length;
    return fitting === 1 ? [] : [`${at}: ${fitting} of ${schemas.length} fit: ${found.flat().join('; ')}`];
  },
  anyOf: (schemas: readonly Schema[], value, at, root) => {
    const found = schemas.map((schema) => check(schema, value, at, root));
    return found.some((wrong) => wrong.length === 0) ? [] : [`${at}: none fits: ${found.flat().join('; ')}`];
  },
  allOf: (schemas: readonly Schema[], value, at, root) =>
    schemas.flatMap((schema) => check(schema, value, at, root)),
  type: (types: string | readonly string[], value, at) =>
    [types].flat().includes(typeOf(value)) ? [] : [`${at}: is of type ${typeOf(value)}, not ${types}`],
  const: (constant, value, at) => (value === constant ? [] : [`${at}: is not ${constant}`]),
  enum: (values: readonly unknown[], value, at) =>
    values.includes(value) ? [] : [`${at}: is none of ${values}`],
  minimum: (least: number, value, at) =>
    typeof value !== 'number' || value >= least ? [] : [`${at}: is less than ${least}`],
  pattern: (pattern: string, value, at) =>
    typeof value !== 'string' || new RegExp(pattern, 'u').test(value) ? [] : [`${at}: is not ${pattern}`],
  required: (names: readonly string[], value, at) =>
    names
      .filter((name) => !fieldsOf(value).some(([key]) => key === name))
      .map((name) => `${at}.${name}: is missing`),
  properties: (schemas: Readonly<Record<string, Schema>>, value, at, root) =>
    fieldsOf(value).flatMap(([key, field]) => {
      const schema = schemas[key];
      return schema === undefined ? [] : check(schema, field, `${at}.${key}`, root);
    }),
  additionalProperties: (allowed: boolean, value, at, _root, schema) =>
    fieldsOf(value)
      .filter(([key]) => !allowed && !(key in (schema.properties as object)))
      .map(([key]) => `${at}.${key}: is not in the schema`),
  items: (schema: Schema, value, at, root) =>
    Array.isArray(value) ? value.flatMap((item, index) => check(schema, item, `${at}[${index}]`, root)) : [],
};

function resolve(path: string, root: Schema): Schema {
  const found = path
    .split('/')
    .slice(1)
    .reduce<unknown>((within, name) => (within as Schema)[name], root);
  if (typeof found !== 'object' || found === null) throw new Error(`the schema has no ${path}`);
  return found as Schema;
}

function check(schema: Schema, value: unknown, at: string, root: Schema): string[] {
  return Object.entries(schema).flatMap(([name, argument]) => {
    const keyword = KEYWORDS[name];
    if (keyword === undefined) throw new Error(`the keyword ${name} is not known here`);
    return keyword(argument as never, value, at, root, schema);
  });
}
