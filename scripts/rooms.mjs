// Checks who may know whom: in src by imports (those of types included), in helper-c by calls. It prints each import or call that
// leads up a floor, and each ring; where there are none, how much was looked at.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
  { 'cli/words': ['clipanion'] },
  { 'cli/screens': ['chalk'] },
  { cli: [] },
  { rendered: [], 'hosts/native': [], 'hosts/node': ['node:'] },
  { library: ['node:'] },
];

const HELPER_FLOORS = [
  { entry: [] },
  { terminal: [] },
  { supervision: [] },
  { steps: [] },
  { '': [], native: [], node: [] },
];

/** An import or a re-export, of types too, as biome formats them. */
const STATIC =
  /^(?:import|export)(?: type)? (?:(?:\w+|\*(?: as \w+)?|\{[^}]*\})(?:, )?)+ from '([^']+)'|^import '([^']+)'/gm;

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
/** What the native executable's host.c includes is made by the build, where there is musl. */
const hasChunks = existsSync(join(root, 'dist/native/chunks.h'));

const complaints = [
  ...check('src', SOURCE_FLOORS, importsIn(join(root, 'src')), 'imports'),
  ...check('helper-c', HELPER_FLOORS, callsIn(join(root, 'helper-c')), 'calls into'),
];
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;

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

function importsIn(folder) {
  const arrows = new Map();
  for (const path of filesIn(folder, '.ts')) {
    const text = readFileSync(path, 'utf8');
    const named = [...text.matchAll(STATIC), ...text.matchAll(/\bimport\('([^']+)'\)/g)];
    const uses = named.map(([, from, name = from]) =>
      name.startsWith('.') ? relative(folder, resolve(dirname(path), name)) : name,
    );
    arrows.set(relative(folder, path), new Set(uses));
  }
  return arrows;
}

/** A file calls into another where it uses what that one defines: the compiler's own symbols, so that nothing is overlooked. */
function callsIn(folder) {
  const objects = mkdtempSync(join(tmpdir(), 'tsenter-rooms-'));
  try {
    const sources = filesIn(folder, '.c').filter((path) => hasChunks || basename(path) !== 'host.c');
    const files = sources.map((path) => ({ path, ...symbolsOf(folder, path, objects) }));
    const home = new Map(
      files.flatMap(({ path, defined }) => defined.map((name) => [name, relative(folder, path)])),
    );
    return new Map(
      files.map(({ path, used }) => {
        const own = relative(folder, path);
        const uses = used.map((name) => home.get(name)).filter((file) => file !== undefined && file !== own);
        return [own, new Set(uses)];
      }),
    );
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
}

function symbolsOf(folder, path, objects) {
  const object = join(objects, `${relative(folder, path).replaceAll('/', '-')}.o`);
  const engine = path.includes('/native/') ? ['-isystem', engineSource(root), `-I${root}/dist/native`] : [];
  run('gcc', '-std=gnu11', '-O0', '-w', '-D_GNU_SOURCE', `-I${folder}`, ...engine, '-c', '-o', object, path);
  const lines = run('nm', object)
    .split('\n')
    .map((line) => line.trim().split(/\s+/).slice(-2));
  return {
    defined: lines
      .filter(([kind]) => /^[TDBRC]$/.test(kind ?? ''))
      .map(([, name]) => name)
      .filter((name) => name !== 'main'),
    used: lines.filter(([kind]) => kind === 'U').map(([, name]) => name),
  };
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

function filesIn(folder, ending) {
  if (!existsSync(folder)) return [];
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
