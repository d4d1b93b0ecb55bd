import { expect, it } from 'vitest';
import { createCeremonies } from '../../../src/auth-server/passkeys/ceremonies.ts';

it('lets no session crowd out the challenges of others', () => {
  const ceremonies = createCeremonies();
  const begin = (session: string) => ceremonies.begin({ purpose: 'login', session, rpId: 'localhost' });
  const take = ({ challenge, session }: { challenge: string; session: string }) =>
    ceremonies.take(challenge, { purpose: 'login', session });

  const victim = begin('victim');
  const flood = Array.from({ length: 20 }, () => begin('attacker'));
  expect(take(victim)).toMatchObject({ session: 'victim' });

  // The attacker's own: the newest ten.
  expect(flood.slice(-10).map(take)).toHaveLength(10);
  expect(() => take(flood.at(-11)!)).toThrow('The challenge was used before');
  const next = begin('attacker');
  expect(take(next)).toBeDefined();
  expect(() => take(next)).toThrow('The challenge was used before');
});
