// Renders docs/api.md from what src/library/index.ts exports and the comments in front of it. The signatures are the source's own text.
import { dirname, join } from 'node:path';
import { commentOf, fileOf } from './declarations.mjs';

const INDEX = 'src/library/index.ts';

const SECTIONS = [
  ['Functions', ['FunctionDeclaration', 'TSDeclareFunction']],
  ['Classes', ['ClassDeclaration']],
  ['Values', ['VariableDeclaration']],
  ['Types', ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration']],
];

const INTRODUCTION = `# The library

<!-- Rendered by "npm run render" from the comments in the source. -->

What \`import … from 'tsenter'\` gives. It is ESM only, for Node on Linux, and does nothing when it is imported; all of it can be called from
workers and at the same time.
`;

/** @param root of the checkout */
export function renderApi(root) {
  const files = new Map();
  const exported = exportsOf(root, files);
  const sections = SECTIONS.map(([title, kinds]) => {
    const own = exported.filter(({ nodes }) => kinds.includes(nodes[0].type));
    return own.length === 0 ? '' : `## ${title}\n\n${own.map(sectionOf).join('\n')}`;
  });
  return `${INTRODUCTION}\n${sections.filter(Boolean).join('\n')}`;
}

/** What the index exports, in its order: name, file, and the declarations of it, of which a function that is overloaded has several. */
function exportsOf(root, files) {
  return fileOf(join(root, INDEX), files).program.body.flatMap(({ specifiers, source }) =>
    specifiers.map(({ exported: { name } }) => {
      const file = fileOf(join(dirname(join(root, INDEX)), source.value), files);
      const statements = file.program.body.filter(({ declaration }) => nameOf(declaration) === name);
      if (statements.length === 0) throw new Error(`${INDEX}: ${name} is not declared in ${source.value}`);
      return { name, file, statements, nodes: statements.map(({ declaration }) => declaration) };
    }),
  );
}

function nameOf(declaration) {
  return declaration?.id?.name ?? declaration?.declarations?.[0].id.name;
}

function sectionOf({ name, file, statements, nodes }) {
  // Of a function that is overloaded the implementation is nobody's to call.
  const shown = nodes.length > 1 ? nodes.slice(0, -1) : nodes;
  const code = shown.map((node) => signatureOf(node, file)).join('\n');
  return `### ${name}\n\n\`\`\`ts\n${code}\n\`\`\`\n${inFull(linked(commentOf(statements[0], file)))}${membersOf(nodes[0], file)}`;
}

/** Without what is in it. */
function signatureOf(node, { text }) {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return text
        .slice(node.start, node.body?.start ?? node.end)
        .trim()
        .replace(/^async /, '')
        .replace(/;?$/, ';');
    case 'TSTypeAliasDeclaration':
      return text.slice(node.start, node.end);
    case 'VariableDeclaration': {
      const [{ id, init }] = node.declarations;
      return `const ${text.slice(id.start, id.end)}${id.typeAnnotation ? '' : ` = ${text.slice(init.start, init.end)}`};`;
    }
    default:
      return text.slice(node.start, node.body.start).trim();
  }
}

function membersOf(node, file) {
  const members = node.body?.body;
  if (!Array.isArray(members) || node.type === 'FunctionDeclaration') return '';
  const lines = members.filter(isPublic).map((member) => {
    const comment = inOne(linked(commentOf(member, file)));
    return `- \`${memberSignature(member, file)}\`${comment && ` — ${comment}`}`;
  });
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

function isPublic({ key, accessibility }) {
  return key?.type !== 'PrivateIdentifier' && (accessibility ?? 'public') === 'public';
}

function memberSignature(member, { text }) {
  const end = member.value?.type === 'FunctionExpression' ? member.value.body.start : member.end;
  return (
    text
      .slice(member.start, end)
      .replace(/[\s;]+$/, '')
      .replace(/^declare /, '')
      // Of what may be left out it goes without saying.
      .replace(/^([^:]*\?: .*) \| undefined$/s, '$1')
      .replace(/\s+/g, ' ')
  );
}

/** `{@link NAME}` as a link within the document. */
function linked(comment) {
  return comment.replace(/\{@link (\w+)\}/g, (_, name) => `[\`${name}\`](#${name.toLowerCase()})`);
}

function inFull(comment) {
  const [text, ...tags] = comment.split(/^@/m);
  const lines = tags.map((tag) => tag.trim().replace(/\n/g, ' ')).map(tagInWords);
  return `${text.trim() && `\n${text.trim()}\n`}${lines.length === 0 ? '' : `\n${lines.join('\n')}\n`}`;
}

function tagInWords(tag) {
  const [, kind, name, rest] = tag.match(/^(\w+) (\S+) ?(.*)$/);
  if (kind === 'param') return `- \`${name}\`: ${rest}`;
  return kind === 'throws' ? `- throws \`${name}\` ${rest}`.trim() : `- returns ${name} ${rest}`;
}

function inOne(comment) {
  const [text, ...tags] = comment.split(/^@/m).map((part) => part.trim().replace(/\n/g, ' '));
  return [text, ...tags.map((tag) => tagInWords(tag).slice(2))].filter(Boolean).join('; ');
}
