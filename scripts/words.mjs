// The words of the scripts that npm runs.

/**
 * npm takes for its own what begins with -- and stands before a --, and hands it on as npm_config_NAME: `npm run bench --quick` and
 * `npm run bench -- --quick` are one.
 *
 * @param flags the names of those without a value
 * @param options the names of those with one, which may occur several times
 * @returns which flags were given, the values of options, and what is left
 */
export function readWords(argv, environment, { flags = [], options = [] }) {
  const given = new Set(flags.filter((name) => environment[`npm_config_${name}`] === 'true'));
  const values = options.flatMap((name) => environment[`npm_config_${name}`] ?? []);
  const rest = [];
  for (let at = 0; at < argv.length; at++) {
    const [word = '', value] = argv[at].split(/=(.*)/s, 2);
    const name = word.slice(2);
    if (word.startsWith('--') && flags.includes(name)) given.add(name);
    else if (word.startsWith('--') && options.includes(name)) values.push(value ?? argv[++at] ?? '');
    else rest.push(argv[at]);
  }
  return { given, values, rest };
}

/** For scripts that take nothing else: ends the process where something is left. */
export function refuseRest(rest, known) {
  if (rest.length === 0) return;
  console.error(`What is ${rest[0]}? There is ${known.join(', ')}.`);
  process.exit(2);
}
