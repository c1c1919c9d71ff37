// Checks who may know whom: in src by imports (those of types included), in helper-c by what they include and refer to. It prints each use
// that leads up a floor, and each ring; where there are none, how much was looked at.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineSource } from './engine.mjs';

/**
 * From the ground up. A room knows itself and the floors below; rooms of one floor do not know each other. Of packages it
 * knows those that stand with it.
 */
const SOURCE_FLOORS = [
  { sys: [] },
  { options: [] },
  { request: [] },
  { target: [] },
  { facts: [] },
  { plan: [] },
  { explain: [] },
  { 'cli/words': ['clipanion'] },
  { 'cli/screens': ['chalk'] },
  { 'cli/completion': [] },
  { cli: [] },
  { rendered: [], 'hosts/native': [], 'hosts/node': ['node:'] },
  // Its own name is what examples import.
  { library: ['node:', 'tsenter'] },
];

const HELPER_FLOORS = [
  { entry: [] },
  { terminal: [] },
  { supervision: [] },
  { steps: [] },
  { '': [], native: [], node: [] },
];

/** What stands between a keyword and its string. */
const GAP = String.raw`(?:\s|/\*(?:(?!\*/)[^])*\*/|//[^\n]*\n)*`;
/**
 * A module that is named: imported, exported from, asked for at run time or in the place of a type. More is found than there is, in
 * strings and comments, but nothing that there is can hide.
 */
const NAMED = new RegExp(
  String.raw`(?<![\w$.])(?:from|import|(?:import|require)${GAP}\()${GAP}(['"\`])((?:(?!\1)[^\\\n])*)\1`,
  'g',
);
const COMPUTED = new RegExp(
  String.raw`(?<![\w$.])(?:import|require)${GAP}\(${GAP}(?!\)|(['"\`])(?:(?!\1|\$\{)[^\\\n])*\1${GAP}[),])`,
);
const REFERENCE = /^\/\/\/\s*<reference\b/m;
const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm;

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
/** What the native executable's host.c includes is made by the build, where there is musl. */
const hasChunks = existsSync(join(root, 'dist/native/chunks.h'));

const notLookedAt = [];
const complaints = [
  ...unseenIn('src'),
  ...check('src', SOURCE_FLOORS, importsIn(join(root, 'src')), 'imports'),
];
if (spawnSync('gcc', ['--version']).error) notLookedAt.push('helper-c: gcc is not installed');
else complaints.push(...check('helper-c', HELPER_FLOORS, usesIn(join(root, 'helper-c')), 'uses'));
for (const what of notLookedAt) console.log(`not looked at: ${what}`);
for (const complaint of complaints) console.error(complaint);
const incomplete = process.env.TSENTER_TEST_MUST_RUN === '1' && notLookedAt.length > 0;
process.exitCode = complaints.length === 0 && !incomplete ? 0 : 1;

/** @param arrows of each file (its path below `base`) what it uses: files, and packages by name */
function check(base, floors, arrows, verb) {
  const up = [...arrows].flatMap(([from, uses]) =>
    [...uses]
      .filter((to) => !mayUse(floors, from, to))
      .map((to) => `${base}/${from} ${verb} ${to}: ${permission(floors, from)}`),
  );
  const rings = ringsIn(arrows).map((ring) => `${base}: a ring of ${ring.length} files: ${ring.join(' → ')}`);
  if (up.length + rings.length === 0) {
    const count = [...arrows.values()].reduce((sum, uses) => sum + uses.size, 0);
    console.log(`${base}: ${arrows.size} files, ${count} arrows, none leads up, no ring`);
  }
  return [...up, ...rings];
}

/** The longest folder counts: `cli/words` is a room of its own in that of `cli`. */
function roomOf(floors, file) {
  const rooms = floors.flatMap((floor) => Object.keys(floor));
  const matching = rooms.filter((room) => room === '' || file.startsWith(`${room}/`));
  return matching.sort((a, b) => b.length - a.length)[0];
}

function floorOf(floors, room) {
  return floors.findIndex((floor) => room !== undefined && room in floor);
}

function mayUse(floors, from, to) {
  const room = roomOf(floors, from);
  const floor = floorOf(floors, room);
  if (floor < 0) return false;
  if (!isFile(to))
    return floors[floor][room].some((name) => to === name || (name.endsWith(':') && to.startsWith(name)));
  const other = roomOf(floors, to);
  return other === room || (other !== undefined && floorOf(floors, other) < floor);
}

function permission(floors, from) {
  const room = roomOf(floors, from);
  const floor = floorOf(floors, room);
  if (floor < 0) return 'it stands in no room of scripts/rooms.mjs';
  const below = floors
    .slice(0, floor)
    .flatMap((lower) => Object.keys(lower))
    .reverse();
  const packages = floors[floor][room].map((name) => (name.endsWith(':') ? `${name}*` : name));
  return `${room || 'this room'} may use ${[...below, ...packages].join(', ') || 'nothing but itself'}`;
}

function isFile(name) {
  return /\.[ch]$|\.ts$/.test(name);
}

/** What the compiler would take as a module, and this check does not see. */
function unseenIn(base) {
  return filesIn(join(root, base), '')
    .filter((path) => statSync(path).isFile())
    .flatMap((path) => {
      const own = relative(root, path);
      if (!path.endsWith('.ts')) return [`${own}: not a .ts file`];
      const text = readFileSync(path, 'utf8');
      return [
        ...(COMPUTED.test(text) ? [`${own} imports what is known only when it runs`] : []),
        ...(REFERENCE.test(text) ? [`${own} names a file in a comment that the compiler follows`] : []),
      ];
    });
}

function importsIn(folder) {
  const arrows = new Map();
  for (const path of filesIn(folder, '.ts')) {
    const own = relative(folder, path);
    const text = readFileSync(path, 'utf8');
    const uses = [...text.matchAll(NAMED)].map(([, , name]) =>
      name.startsWith('.') ? relative(folder, resolve(dirname(path), name)) : name,
    );
    arrows.set(own, new Set(uses));
  }
  return arrows;
}

/**
 * A file uses another that it includes, or that defines what it refers to: the compiler's own symbols, so that nothing is
 * overlooked.
 */
function usesIn(folder) {
  const objects = mkdtempSync(join(tmpdir(), 'tsenter-rooms-'));
  try {
    const sources = filesIn(folder, '.c').filter((path) => hasChunks || !path.endsWith('/native/host.c'));
    if (!hasChunks && existsSync(join(folder, 'native/host.c')))
      notLookedAt.push('helper-c/native/host.c: what it includes was not built (npm run build, musl-tools)');
    const files = sources.map((path) => ({
      own: relative(folder, path),
      ...symbolsOf(folder, path, objects),
    }));
    const homes = new Map();
    for (const { own, defined } of files)
      for (const name of defined) homes.set(name, [...(homes.get(name) ?? []), own]);
    const arrows = new Map();
    for (const { own, used } of files) {
      // Where executables define the same name each for itself, it is the one that is within reach.
      const uses = used
        .map((name) => homes.get(name) ?? [])
        .filter((found) => found.length > 0 && !found.includes(own))
        .map((found) => found.find((to) => mayUse(HELPER_FLOORS, own, to)) ?? found[0]);
      arrows.set(own, new Set(uses));
    }
    for (const path of [...sources, ...filesIn(folder, '.h')]) {
      const own = relative(folder, path);
      arrows.set(own, new Set([...(arrows.get(own) ?? []), ...includesOf(folder, path)]));
    }
    return arrows;
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
}

/** Those of the house: what the build makes, and what the libraries bring, has no room. */
function includesOf(folder, path) {
  return [...readFileSync(path, 'utf8').matchAll(INCLUDE)]
    .map(([, name]) => [join(dirname(path), name), join(folder, name)].find((found) => existsSync(found)))
    .filter((found) => found !== undefined)
    .map((found) => relative(folder, found));
}

function symbolsOf(folder, path, objects) {
  const object = join(objects, `${relative(folder, path).replaceAll('/', '-')}.o`);
  const engine = path.includes('/native/') ? ['-isystem', engineSource(root), `-I${root}/dist/native`] : [];
  run('gcc', '-std=gnu11', '-O0', '-w', '-D_GNU_SOURCE', `-I${folder}`, ...engine, '-c', '-o', object, path);
  const symbols = run('nm', object)
    .split('\n')
    .map((line) => line.trim().split(/\s+/).slice(-2));
  // nm(1): capital letters are what others can use, weak ones (V, W) included; U, v and w are what is used from elsewhere.
  const named = (kinds) => symbols.filter(([kind]) => kinds.test(kind ?? '')).map(([, name]) => name);
  return { defined: named(/^[TDBRCGSVWiu]$/).filter((name) => name !== 'main'), used: named(/^[Uvw]$/) };
}

/** Tarjan's strongly connected components, of more than one file. */
function ringsIn(arrows) {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const rings = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const next of arrows.get(file) ?? []) {
      if (!arrows.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const ring = stack.splice(stack.indexOf(file));
    if (ring.length > 1) rings.push(ring);
  };
  for (const file of arrows.keys()) if (!order.has(file)) visit(file);
  return rings;
}

/** Of a tree that is named, a part may be missing; of the checkout none. */
function filesIn(folder, ending) {
  if (!existsSync(folder) && process.argv[2] !== undefined) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

function run(command, ...words) {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: 'utf8' });
  if (error || status !== 0)
    throw new Error(`${basename(command)} ${words.at(-1)}: ${error?.message ?? stderr}`);
  return stdout;
}
