import { expect, it } from 'vitest';
import { stepLeft } from '../../../src/auth-server/login/next-step.ts';
import type { Visit } from '../../../src/auth-server/login/visit.ts';

it('leaves no step, and so no passkey to make, to somebody who is not let in', () => {
  const visitOf = (denied?: string) =>
    ({ login: { done: new Set(), verdict: { denied, secondFactor: true } } }) as unknown as Visit;
  expect(stepLeft(visitOf())).toBe('/second-factor');
  expect(stepLeft(visitOf('not at this hour'))).toBeUndefined();
});
