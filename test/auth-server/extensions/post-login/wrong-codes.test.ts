import { expect, it } from 'vitest';
import { createWrongCodes } from '../../../../src/auth-server/extensions/post-login/wrong-codes.ts';

it('counts ten wrong codes of a user in 15 minutes, and forgets each after them', () => {
  let now = 0;
  const wrongCodes = createWrongCodes(() => now);
  for (let count = 1; count <= 10; count++) {
    expect(wrongCodes.areTooMany('42')).toBe(false);
    wrongCodes.add('42');
    now += 1000;
  }
  expect(wrongCodes.areTooMany('42')).toBe(true);
  expect(wrongCodes.areTooMany('43')).toBe(false);
  now = 15 * 60_000 - 1;
  expect(wrongCodes.areTooMany('42')).toBe(true);
  now += 1;
  expect(wrongCodes.areTooMany('42')).toBe(false);
});
