import { AssertionError } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { UserProfile } from '../../src/scripts/actions.ts';
import { type CallNote, noteCalls, noting } from '../../src/testkit/call-notes.ts';
import {
  assertFailsWith,
  assertFound,
  assertNotFound,
  assertProfile,
  type RunFailure,
  type RunResult,
} from '../../src/testkit/index.ts';
import '../../src/testkit/vitest.ts';

const user = {
  user_id: '42',
  email: 'jane@example.com',
  app_metadata: { roles: ['seller', 'admin'], since: 2020 },
};
type Result = RunResult<{ found?: boolean; user?: UserProfile | null; changed?: boolean }>;

const success = (result: object): Result => ({ ok: true, result, warnings: [], durationMs: 1, console: [] });
const found = success({ found: true, user });
const loggedIn = success({ user });
const notFound = success({ found: false, user: null });
const changed = success({ changed: true });
const outage: RunFailure = {
  ok: false,
  code: 'script_error',
  message: 'Error: The user store answered 503',
  issues: [],
  stack: ['at getUser (acme/get_user.js:12:20)'],
  console: [{ level: 'info', text: 'looking for 42' }],
};

/** The message of an expectation that does not hold. */
function complaint(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The expectation held');
}

describe('toBeFound and toBeNotFound', () => {
  test('tell the two answers of get_user', () => {
    expect(found).toBeFound();
    expect(found).not.toBeNotFound();
    expect(notFound).toBeNotFound();
    expect(notFound).not.toBeFound();
    expect(complaint(() => expect(notFound).toBeFound())).toContain('The script answered not found');
    expect(complaint(() => expect(found).toBeNotFound())).toContain("user_id: '42'");
  });

  test('take an outage for neither, and say what came instead', () => {
    for (const expectation of [
      () => expect(outage).toBeFound(),
      () => expect(outage).not.toBeFound(),
      () => expect(outage).toBeNotFound(),
      () => expect(outage).not.toBeNotFound(),
    ]) {
      const message = complaint(expectation);
      expect(message).toContain('failed with script_error: Error: The user store answered 503');
      expect(message).toContain('at getUser (acme/get_user.js:12:20)');
      expect(message).toContain('info: looking for 42');
      expect(message).toContain('Next: ');
    }
  });

  test('say it as docs/testing.md does', async () => {
    const page = await readFile(new URL('../../docs/testing.md', import.meta.url), 'utf8');
    expect(page).toContain(`\`\`\`text\n${complaint(() => expect(outage).toBeFound())}\n\`\`\``);
  });

  test('are for get_user alone', () => {
    expect(complaint(() => expect(loggedIn).toBeFound())).toContain('only get_user answers "found"');
    expect(complaint(() => expect(changed).not.toBeFound())).toContain('only get_user answers "found"');
  });
});

describe('toReturnProfile', () => {
  test('matches a part of the profile', () => {
    for (const answer of [found, loggedIn]) {
      expect(answer).toReturnProfile({ user_id: '42' });
      expect(answer).toReturnProfile({ email: expect.stringMatching(/@example\.com$/) });
      expect(answer).toReturnProfile({ app_metadata: { roles: ['seller', expect.any(String)] } });
      expect(answer).toReturnProfile({ nickname: undefined });
      expect(answer).not.toReturnProfile({ user_id: '43' });
      expect(answer).not.toReturnProfile({ password_hash: expect.anything() });
      expect(answer).not.toReturnProfile({ app_metadata: { roles: ['seller'] } });
      expect(answer).not.toReturnProfile({ app_metadata: ['seller'] });
    }
  });

  test('names each field that differs', () => {
    const message = complaint(() =>
      expect(found).toReturnProfile({
        user_id: '43',
        nickname: expect.any(String),
        app_metadata: { since: 1 },
      }),
    );
    expect(message).toContain('user_id is "42", expected "43"');
    expect(message).toContain('nickname is absent, expected Any<String>');
    expect(message).toContain('app_metadata.since is 2020, expected 1');
  });

  test('wants a profile to judge, also when it is to be another one', () => {
    expect(complaint(() => expect(notFound).toReturnProfile({}))).toContain('answered not found');
    expect(complaint(() => expect(outage).not.toReturnProfile({ user_id: '43' }))).toContain('script_error');
    expect(complaint(() => expect(changed).toReturnProfile({}))).toContain('only login, get_user, create');
  });
});

describe('toFailWith', () => {
  test('judges the code and the message', () => {
    expect(outage).toFailWith('script_error');
    expect(outage).toFailWith('script_error', '503');
    expect(outage).toFailWith('script_error', /answered 5\d\d$/);
    expect(outage).not.toFailWith('script_timeout');
    expect(outage).not.toFailWith('script_error', '404');
    expect(found).not.toFailWith('script_error');
    expect(complaint(() => expect(notFound).toFailWith('script_error'))).toMatch(
      /to fail with script_error.\nThe script answered not found/,
    );
    expect(complaint(() => expect(outage).toFailWith('script_error', '404'))).toContain(
      '"404" in its message',
    );
    expect(complaint(() => expect(outage).not.toFailWith('script_error'))).toContain('not to fail with');
  });

  test('names the issues of a profile', () => {
    const issues = [{ path: 'user_id', message: 'is required', code: 'required' }];
    const answer: RunFailure = { ...outage, code: 'invalid_profile', issues };
    const message = complaint(() => expect(answer).toBeFound());
    expect(message).toContain('  - user_id: is required');
    expect(message).toContain('docs/profiles.md');
  });
});

test.each([
  ['[MSW] Cannot bypass a request when using the "error" strategy', 'give the server a handler'],
  ['Nock: No match for request {}', 'compare the request that the script made'],
  ['Nock: Disallowed net connect for "users.example.com:443/users/42"', 'compare the request'],
])('says what to do about %s', (message, next) => {
  expect(complaint(() => expect({ ...outage, message }).toBeFound())).toContain(`Next: ${next}`);
});

test('an expectation that cannot be judged throws, and is not turned by not', () => {
  const invalid = expect.objectContaining({ name: 'TestkitError', code: 'invalid_expectation' });
  expect(() => expect(outage).not.toFailWith('script_eror' as never)).toThrow(invalid);
  expect(() => expect(outage).not.toFailWith('script_eror' as never)).toThrow('Did you mean "script_error"?');
  expect(() => expect(Promise.resolve(found)).toBeFound()).toThrow('await it');
  expect(() => expect(undefined).not.toBeFound()).toThrow(invalid);
  expect(() => expect(found).toReturnProfile('42' as never)).toThrow(invalid);
});

describe('for other test runners', () => {
  test('the assertions throw AssertionError with the same messages', () => {
    assertFound(found);
    assertNotFound(notFound);
    assertProfile(loggedIn, { user_id: '42' });
    assertFailsWith(outage, 'script_error', /503/);
    expect(() => assertFound(outage)).toThrow(AssertionError);
    expect(() => assertFound(outage)).toThrow('failed with script_error');
    expect(() => assertNotFound(outage)).toThrow('failed with script_error');
    expect(() => assertProfile(found, { user_id: '43' })).toThrow('user_id is "42", expected "43"');
    expect(() => assertFailsWith(found, 'script_error')).toThrow("user_id: '42'");
  });

  test('narrow the type of the answer', () => {
    const answer: unknown = loggedIn;
    assertProfile(answer, {});
    expectTypeOf(answer.result.user).toEqualTypeOf<UserProfile>();
    const failure: unknown = outage;
    assertFailsWith(failure, 'script_error');
    expectTypeOf(failure).toEqualTypeOf<RunFailure>();
  });
});

test('types know the codes', async () => {
  // @ts-expect-error: a code that there is not
  expect(() => expect(outage).toFailWith('no_such_code')).toThrow('no_such_code');
  // @ts-expect-error: a number is no profile
  expect(() => expect(found).toReturnProfile(42)).toThrow('must be an object');
  expectTypeOf(expect(found).toBeFound).returns.toEqualTypeOf<void>();
  const { resolves } = expect(Promise.resolve(found));
  expectTypeOf(resolves.toBeFound).returns.toEqualTypeOf<Promise<void>>();
  await resolves.toBeFound();
});

describe('the HTTP calls of a run', () => {
  const failed = (...calls: CallNote[]) => {
    const answer = { ...outage };
    noteCalls(answer, calls);
    return complaint(() => expect(answer).toBeFound());
  };
  const request = 'GET https://users.example.com/users/42';

  test('are named where nobody intercepted them', () => {
    const message = failed({ request, unanswered: 'ENETUNREACH' });
    expect(message).toContain(`${request} had no answer (ENETUNREACH): nobody intercepted it`);
    expect(message).toContain('Next: let nock, MSW or a server of the test answer');
  });

  test('are named where they were answered an error', () => {
    expect(failed({ request, status: 503 })).toContain(`Next: ${request} was answered 503`);
  });

  test('are noted without their queries, and errors of the network apart from those of a test', async () => {
    const calls: CallNote[] = [];
    const failing = (error: object) => async () => {
      throw Object.assign(new Error('no'), error);
    };
    const call = { method: 'GET', url: `${request.slice(4)}?token=1`, headers: [], body: new Uint8Array() };
    const { signal } = new AbortController();
    for (const error of [{ code: 'ECONNREFUSED', syscall: 'connect' }, { code: 'ECONNREFUSED' }]) {
      await expect(noting(failing(error), calls, String)(call, signal)).rejects.toThrow('no');
    }
    expect(calls).toEqual([{ request, unanswered: 'ECONNREFUSED' }, { request }]);
  });
});
