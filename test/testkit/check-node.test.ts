import { expect, test } from 'vitest';
import { checkNode } from '../../src/testkit/check-node.ts';

test.each(['v24.0.0', 'v24.21.0', 'v26.1.0'])('takes %s', (version) => {
  expect(() => checkNode(version)).not.toThrow();
});

test.each(['v20.20.2', 'v22.12.0', 'v8.0.0'])('refuses %s and says what to do', (version) => {
  expect(() => checkNode(version)).toThrow(/needs Node 24 .* under v.* "npm i -D node@24"/s);
});
