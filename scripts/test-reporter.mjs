// A vitest reporter that hands the results to scripts/test.mjs, on descriptor 3: one JSON document at the end.
import { writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const LONGEST_ERROR = 1500;

export default class TestReporter {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const named = (state) => tests.filter((test) => stateOf(test) === state).map((test) => test.fullName);
    const result = {
      passed: named('passed').length,
      failed: tests.filter((test) => stateOf(test) === 'failed').map(described),
      skipped: named('skipped'),
      // A file that cannot be loaded has no tests, and a failing hook belongs to none.
      broken: modules.flatMap((module) => brokenBy(module)),
      // What was thrown, or rejected, where no test waited for it.
      stray: errors.map((error) => ({ test: 'outside of the tests', how: howItFailed(error) })),
    };
    writeSync(3, JSON.stringify(result));
  }
}

function described(test) {
  return {
    test: `${test.module.relativeModuleId}: ${test.fullName}`,
    how: howItFailed(test.result().errors?.[0]),
  };
}

/** How an error begins: enough to tell what to look at where only the output's end is kept. */
function howItFailed(error) {
  const where = error?.stacks?.[0];
  const how = [
    error?.message || 'no error was given',
    error?.diff,
    where && `at ${where.file}:${where.line}`,
  ];
  return stripVTControlCharacters(how.filter(Boolean).join('\n')).slice(0, LONGEST_ERROR);
}

/** A test that never got its turn has no result: it counts as skipped. */
function stateOf(test) {
  const { state } = test.result();
  return state === 'pending' ? 'skipped' : state;
}

/** One entry at most for each file: what of it failed outside of its tests. */
function brokenBy(module) {
  const [error] = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
  return error === undefined
    ? []
    : [{ test: `${module.relativeModuleId}: outside of its tests`, how: howItFailed(error) }];
}
