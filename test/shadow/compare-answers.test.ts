import { describe, expect, test } from 'vitest';
import { compareAnswers, isComparable, type ScriptAnswer } from '../../src/shadow/compare-answers.ts';

const found = (user: Record<string, unknown> = {}): ScriptAnswer => ({
  kind: 'found',
  user: { user_id: '42', email: 'jane@example.com', ...user },
});
const notFound: ScriptAnswer = { kind: 'not_found' };
const failed = (code: 'script_error' | 'wrong_username_or_password' | 'overloaded'): ScriptAnswer => ({
  kind: 'error',
  code,
});

describe('what is the same', () => {
  test.each([
    ['the same profile', found(), found()],
    ['fields in another order', found({ a: 1, b: 2 }), found({ b: 2, a: 1 })],
    ['nobody', notFound, notFound],
    ['the same code', failed('script_error'), failed('script_error')],
  ])('%s', (_, served, shadow) => {
    expect(compareAnswers(served, shadow)).toBeUndefined();
  });

  test('fields that are to be ignored, and no others', () => {
    const served = found({ last_login: '2026-01-01', app_metadata: { seen: 1, plan: 'a' } });
    const shadow = found({ last_login: '2026-01-02', app_metadata: { seen: 2, plan: 'b' } });
    expect(compareAnswers(served, shadow, ['last_login', 'app_metadata.seen'])?.fields).toEqual([
      { path: 'app_metadata.plan', served: 'a string of 1', shadow: 'a string of 1' },
    ]);
  });
});

describe('what differs', () => {
  test.each([
    ['found', found(), notFound, 'found', 'not_found'],
    ['found', notFound, found(), 'not_found', 'found'],
    ['outcome', found(), failed('script_error'), 'found', 'script_error'],
    ['outcome', failed('wrong_username_or_password'), found(), 'wrong_username_or_password', 'found'],
    [
      'outcome',
      failed('script_error'),
      failed('wrong_username_or_password'),
      'script_error',
      'wrong_username_or_password',
    ],
    ['user_id', found(), found({ user_id: '43' }), 'found', 'found'],
    ['profile', found(), found({ name: 'Jane' }), 'found', 'found'],
  ])('%s', (kind, served, shadow, servedWord, shadowWord) => {
    expect(compareAnswers(served as ScriptAnswer, shadow as ScriptAnswer)).toMatchObject({
      kind,
      served: servedWord,
      shadow: shadowWord,
    });
  });

  test('by field and kind of value, never by value', () => {
    const served = found({ name: 'Jane Doe', blocked: false, tags: ['a'], user_metadata: { shoe: 38 } });
    const shadow = found({ name: null, blocked: true, user_metadata: { shoe: '38' } });
    const difference = compareAnswers(served, shadow);
    expect(difference?.fields).toEqual([
      { path: 'name', served: 'a string of 8', shadow: 'null' },
      { path: 'blocked', served: 'a boolean', shadow: 'a boolean' },
      { path: 'tags', served: 'an array of 1', shadow: 'absent' },
      { path: 'user_metadata.shoe', served: 'a number', shadow: 'a string of 2' },
    ]);
    expect(JSON.stringify(difference)).not.toMatch(/Jane|38"/);
  });

  test('by no key that may be somebody’s', () => {
    const served = found({ app_metadata: { 'jane@example.com': 1, '+4915112345678': 1, plan: 'a' } });
    expect(compareAnswers(served, found({ app_metadata: {} }))?.fields.map(({ path }) => path)).toEqual([
      'app_metadata.[key]',
      'app_metadata.[key]',
      'app_metadata.plan',
    ]);
  });

  test('of a profile with thousands of fields, a few', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field_${index}`, index]));
    expect(compareAnswers(found(many), found())?.fields).toHaveLength(20);
  });
});

test('an answer that says nothing of the script is not compared', () => {
  expect(isComparable(failed('overloaded'))).toBe(false);
  expect(isComparable(failed('script_error'))).toBe(true);
  expect(isComparable(notFound)).toBe(true);
});
