import { expect, it } from 'vitest';
import { ENGINES } from '../../../src/target/engines/table.ts';
import { SCHEMES } from '../../../src/target/schemes.ts';

it('there is a scheme for each engine, in their order, and one for network namespaces', () => {
  expect(SCHEMES).toEqual([...ENGINES.map(({ scheme }) => scheme), 'netns']);
});
