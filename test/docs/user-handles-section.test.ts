import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CallOptions, Runner } from '../../src/runner/runner.ts';
import { openUserHandles } from '../../src/user-handles/open-user-handles.ts';
import { temporaryTree } from '../connections/temporary-tree.ts';
import { fakeRunner, startApp } from '../http/fake-parts.ts';

const page = await readFile(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
const section = /^## User handles\n(.*?)^## /ms.exec(page)![1]!;
const blocks = (language: string) =>
  [...section.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text!);

/** Where a command of the page goes and what it sends. */
function request(command: string): { path: string; body: string } {
  const [, path, body] = /^curl -s http:\/\/127\.0\.0\.1:3000(\S+) .*-d '([^']+)'\n$/s.exec(command)!;
  return { path: path!, body: body! };
}

/** Signs up whom the page shows. */
function signingUp(user: { user_id: string }): Runner {
  const { runner } = fakeRunner(() => ({ user }));
  return {
    ...runner,
    signup: (connection, input, options?: CallOptions) => {
      options?.onCreated?.(user);
      return runner.signup(connection, input, options);
    },
  };
}

test('the commands of docs/http-api.md on user handles are answered as it shows', async () => {
  const commands = blocks('sh').map(request);
  const shown = blocks('json').map((text) => JSON.parse(text));
  expect([commands.length, shown.length]).toEqual([4, 3]);
  const userHandles = openUserHandles({ file: join((await temporaryTree()).root, 'user-handles.db') });
  onTestFinished(() => userHandles.close());
  const signup = shown[1];
  await using app = await startApp(() => ({}), { userHandles, runner: signingUp(signup.user) });

  const [mint, ...others] = commands;
  const minted = await (await app.post(mint!.path, mint!.body)).json();
  const example = shown[0].user_handle;
  expect(minted).toEqual({ ...shown[0], user_handle: expect.stringMatching(/^[\w-]{86}$/) });
  expect(example).toHaveLength(86);
  const answers: unknown[] = [];
  for (const { path, body } of others) {
    const response = await app.post(path, body.replaceAll(example, minted.user_handle));
    answers.push(JSON.parse((await response.text()).replaceAll(minted.user_handle, example)));
  }
  expect(answers).toEqual([
    { ...signup, execution: expect.objectContaining({ id: expect.stringMatching(/^exec_/) }) },
    shown[2],
    { user_handle: expect.stringMatching(/^[\w-]{86}$/), user_id: '42' },
  ]);
});
