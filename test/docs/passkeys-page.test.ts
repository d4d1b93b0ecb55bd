import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ceremonyErrors } from '../../src/auth-server/passkeys/ceremony-error.ts';
import { scriptEndpoints } from '../../src/http/app.ts';

const page = await readFile(new URL('../../docs/passkeys.md', import.meta.url), 'utf8');

test('docs/passkeys.md has each code of a failed ceremony, with its sentence', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code, text]) => [code, text]);
  expect(rows).toEqual(Object.entries(ceremonyErrors));
});

test('the calls of its diagrams are calls of the HTTP API', () => {
  const calls = [...page.matchAll(/^ +A->>D: ([\w-]+)/gm)].map(([, call]) => call!);
  const paths = scriptEndpoints.map(({ path }) => path.split('/').at(-1));
  expect(new Set(calls)).toEqual(new Set(['get-user', 'user-handle', 'signup']));
  for (const call of calls) expect([...paths, 'user-handle']).toContain(call);
});
