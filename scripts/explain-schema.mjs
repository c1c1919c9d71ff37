// Renders docs/explain.schema.json from the types of src/explain/explanation.ts and the comments in front of their members.
import { dirname, join } from 'node:path';
import { commentOf, fileOf } from './declarations.mjs';
import { formatted } from './formatted.mjs';

const FILE = 'src/explain/explanation.ts';
const HEAD = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://tsenter.invalid/explain.schema.json',
  title: 'What tsenter --explain=json writes, version 1',
  description:
    'Version 1 may get further fields; a field that changes its meaning or goes makes it version 2. All texts are UTF-8: a byte that is none is written as \\x and two hexadecimal digits.',
};

/** Of each keyword of the type language that these types use. */
const KEYWORDS = {
  TSNumberKeyword: { type: 'integer' },
  TSStringKeyword: { type: 'string' },
  TSBooleanKeyword: { type: 'boolean' },
  TSNullKeyword: { type: 'null' },
};

/**
 * @param root of the checkout
 * @param namespaces the names of all types of them, which NamespaceName stands for
 */
export function renderExplainSchema(root, namespaces) {
  const files = new Map();
  const definitions = { NamespaceName: { enum: namespaces } };
  define('Explanation', join(root, FILE));
  const { Explanation, ...rest } = definitions;
  return formatted(root, { ...HEAD, ...Explanation, $defs: rest }, 'docs/explain.schema.json');

  function define(name, path) {
    if (definitions[name]) return;
    const file = fileOf(path, files);
    const declared = file.program.body
      .map(({ declaration }) => declaration)
      .find((declaration) => declaration?.id?.name === name);
    if (!declared) {
      define(name, join(dirname(path), sourceOf(name, file)));
      return;
    }
    // There before its members are looked at, which may name it.
    definitions[name] = {};
    Object.assign(definitions[name], objectOf(declared.body.body, file, path));
  }

  function objectOf(members, file, path) {
    const properties = members.map((member) => {
      const comment = commentOf(member, file).replace(/\s+/g, ' ');
      const schema = schemaOf(member.typeAnnotation.typeAnnotation, file, path);
      return [member.key.name, comment ? { description: comment, ...schema } : schema];
    });
    const required = members.filter(({ optional }) => !optional).map(({ key }) => key.name);
    return { type: 'object', properties: Object.fromEntries(properties), required };
  }

  function schemaOf(type, file, path) {
    if (KEYWORDS[type.type]) return KEYWORDS[type.type];
    switch (type.type) {
      case 'TSLiteralType':
        return { const: type.literal.value };
      case 'TSTypeOperator':
        return schemaOf(type.typeAnnotation, file, path);
      case 'TSArrayType':
        return { type: 'array', items: schemaOf(type.elementType, file, path) };
      case 'TSTypeLiteral':
        return objectOf(type.members, file, path);
      case 'TSUnionType':
        return either(type.types.map((one) => schemaOf(one, file, path)));
      case 'TSTypeReference':
        define(type.typeName.name, path);
        return { $ref: `#/$defs/${type.typeName.name}` };
      default:
        throw new Error(`${FILE}: no schema for ${type.type}`);
    }
  }
}

/** Literals are one list; whatever else there is stands side by side. */
function either(schemas) {
  const literals = schemas.filter((schema) => 'const' in schema).map((schema) => schema.const);
  const simple = schemas.filter(({ type, ...rest }) => type && Object.keys(rest).length === 0);
  if (simple.length === schemas.length) return { type: schemas.map(({ type }) => type) };
  if (literals.length === schemas.length) return { enum: literals };
  const others = schemas.filter((schema) => !('const' in schema));
  if (literals.length > 0 && others.every(({ type }) => type === 'null'))
    return { enum: [...literals, null] };
  return { anyOf: schemas };
}

function sourceOf(name, { program }) {
  const found = program.body.find(
    ({ type, specifiers }) =>
      type === 'ImportDeclaration' && specifiers.some(({ local }) => local.name === name),
  );
  if (!found) throw new Error(`${FILE}: ${name} is not declared`);
  return found.source.value;
}
