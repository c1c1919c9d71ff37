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
      broken: modules.filter((module) => isBroken(module)).map((module) => module.moduleId),
      stray: errors.length,
    };
    writeSync(3, JSON.stringify(result));
  }
}

/** Which test failed, and how its first error began: enough to tell what to look at where only the output's end is kept. */
function described(test) {
  const [error] = test.result().errors ?? [];
  const where = error?.stacks?.[0];
  const how = stripVTControlCharacters(
    [error?.message || 'no error was given', error?.diff, where && `at ${where.file}:${where.line}`]
      .filter(Boolean)
      .join('\n'),
  );
  return { test: `${test.module.relativeModuleId}: ${test.fullName}`, how: how.slice(0, LONGEST_ERROR) };
}

/** A test that never got its turn has no result: it counts as skipped. */
function stateOf(test) {
  const { state } = test.result();
  return state === 'pending' ? 'skipped' : state;
}

function isBroken(module) {
  const suites = [module, ...module.children.allSuites()];
  return suites.some((suite) => suite.errors().length > 0);
}
