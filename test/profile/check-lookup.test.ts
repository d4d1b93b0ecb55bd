import { describe, expect, it } from 'vitest';
import { checkLookup, type Lookup } from '../../src/profile/check-lookup.ts';

const jane = { user_id: '42', email: 'Jane@Example.com', username: 'jane', phone_number: '+4930123456' };

describe('checkLookup', () => {
  const refused: [what: string, lookup: Lookup, code: string][] = [
    ['another user_id', { user_id: '43' }, 'user_id_mismatch'],
    ['a padded user_id', { user_id: '42 ' }, 'user_id_mismatch'],
    ['a user_id with its prefix', { user_id: 'auth0|42' }, 'user_id_mismatch'],
    ['another email', { identifier: 'john@example.com', identifier_type: 'email' }, 'identifier_mismatch'],
    ['another username', { identifier: 'john', identifier_type: 'username' }, 'identifier_mismatch'],
    [
      'a username in another case',
      { identifier: 'Jane', identifier_type: 'username' },
      'identifier_mismatch',
    ],
    [
      'another phone number',
      { identifier: '+4930123457', identifier_type: 'phone_number' },
      'identifier_mismatch',
    ],
  ];
  it.each(refused)('refuses %s', (_, lookup, code) => {
    expect(checkLookup(jane, lookup)).toMatchObject({ ok: false, code });
  });

  const taken: [what: string, lookup: Lookup][] = [
    ['the same user_id', { user_id: '42' }],
    ['the same email in another case', { identifier: 'jANE@example.COM', identifier_type: 'email' }],
    ['the same username', { identifier: 'jane', identifier_type: 'username' }],
    ['the same phone number', { identifier: '+4930123456', identifier_type: 'phone_number' }],
    ['an identifier of no stated type', { identifier: 'jane' }],
    ['an email of no stated type', { identifier: 'jane@example.com' }],
    ['another phone number of no stated type', { identifier: '+1' }],
  ];
  it.each(taken)('takes %s', (_, lookup) => {
    expect(checkLookup(jane, lookup)).toEqual({ ok: true, warnings: [] });
  });

  it('does not fold a letter from outside ASCII into one inside', () => {
    const lookup: Lookup = { identifier: 'mi\u212ae@example.com', identifier_type: 'email' };
    expect(checkLookup({ user_id: '1', email: 'mike@example.com' }, lookup)).toMatchObject({ ok: false });
    const upper: Lookup = { identifier: 'JÖRG@example.com', identifier_type: 'email' };
    expect(checkLookup({ user_id: '1', email: 'jörg@example.com' }, upper)).toMatchObject({ ok: true });
  });

  it('warns when the stated type is not in the profile', () => {
    const result = checkLookup({ user_id: '42' }, { identifier: 'jane', identifier_type: 'username' });
    expect(result).toMatchObject({
      ok: true,
      warnings: [{ path: 'username', code: 'identifier_not_returned' }],
    });
  });

  it('warns of another email when no type is stated', () => {
    expect(checkLookup(jane, { identifier: 'john@example.com' })).toMatchObject({
      ok: true,
      warnings: [{ path: 'email', code: 'identifier_differs' }],
    });
  });

  it('says nothing of the other user', () => {
    const results = [
      checkLookup(jane, { user_id: 'x-1' }),
      checkLookup(jane, { identifier: 'john@x.example', identifier_type: 'email' }),
    ];
    expect(JSON.stringify(results)).not.toMatch(/42|example\.com|\+49/i);
  });
});
