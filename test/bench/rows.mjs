/** What is timed in the target of our own: each row with each program. */
import { existsSync } from 'node:fs';
import { measure } from './measure.mjs';
import { places } from './places.mjs';

const programs = [
  { title: 'static `true`', path: places.staticTrue },
  { title: '`/bin/true`', path: places.dynamicTrue },
];

/** What is not there is left out. */
export function candidates(options, floorWords, program) {
  return [
    { name: 'nsenter', words: [places.nsenter, ...options, ...program] },
    { name: 'tsenter, native', words: [places.native, ...options, ...program] },
    { name: 'tsenter, Node', words: [places.node, ...options, ...program], slow: true },
    { name: 'node empty.cjs', words: [places.nodeItself, places.empty], slow: true },
    { name: 'floor', words: [places.floor, ...floorWords, ...program] },
  ].filter(({ words }) => words[0] !== undefined && existsSync(words[0]));
}

export function enterRows({ pid, letters }) {
  const target = ['-t', String(pid)];
  return [
    { title: 'enter u,i,n,m', options: [...target, '-u', '-i', '-n', '-m'], floor: 'uinm' },
    { title: 'enter u,i,n,m,p, fork', options: [...target, '-u', '-i', '-n', '-m', '-p'], floor: 'uinmp' },
    { title: 'enter all: `-a`', options: [...target, '-a'], floor: letters },
  ];
}

/** `notTried` gets a line for each candidate that fails. */
export async function measureRows(target, rounds, notTried, say) {
  const rows = [];
  const add = async (title, program, list) => {
    say(program ? `${title}, ${program}` : title);
    const { staticTrue } = places;
    const alone = { name: 'the program alone', words: [program ? list[0].words.at(-1) : staticTrue] };
    const measured = await measure([...list, alone], rounds);
    const anonymous = measured.map((each) => ({ ...each, command: withoutPid(each.command, target.pid) }));
    for (const { name, failed } of measured)
      if (failed) notTried.push(`${name}: ${title}: it failed (${failed})`);
    rows.push({ title, ...(program ? { program } : {}), candidates: anonymous });
  };
  await add('`--version`', undefined, candidates(['--version'], ['version'], []));
  for (const { title, options, floor } of enterRows(target))
    for (const program of programs)
      await add(title, program.title, candidates(options, [target.pid, floor], [program.path]));
  return rows;
}

export function withoutPid(command, pid) {
  return command.replaceAll(new RegExp(`(?<= )${pid}(?= )`, 'g'), 'PID');
}
