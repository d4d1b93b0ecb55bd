import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useGuest } from './use-guest.ts';

// The package has no types.
const ldap = createRequire(import.meta.url)('ldapjs');
const guest = useGuest();
const server = ldap.createServer();
let configuration: Record<string, string>;

type Next = (error?: Error) => void;

beforeAll(async () => {
  server.bind('cn=root', (request: { credentials: string }, response: { end(): void }, next: Next) => {
    if (request.credentials !== 'secret') return next(new ldap.InvalidCredentialsError());
    response.end();
    next();
  });
  server.search(
    'o=example',
    (
      request: { filter: { matches(o: object): boolean } },
      response: { send(o: object): void; end(): void },
      next: Next,
    ) => {
      const attributes = { objectclass: ['person', 'top'], cn: ['Jané'], mail: ['jane@example.com'] };
      if (request.filter.matches(attributes)) response.send({ dn: 'cn=jane, o=example', attributes });
      response.end();
      next();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  configuration = { URL: `ldap://127.0.0.1:${server.address().port}` };
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

it('ldapjs binds, refuses a wrong password, searches and unbinds', async () => {
  const answer = await guest(async ({ require, configuration: { URL } }) => {
    const ldap = require('ldapjs');
    const client = ldap.createClient({ url: URL });
    const bind = (password: string) =>
      new Promise((resolve) =>
        client.bind('cn=root', password, (error: Error | null) => resolve(error?.name)),
      );
    const search = (filter: string) =>
      new Promise((resolve, reject) =>
        client.search(
          'o=example',
          { scope: 'sub', filter },
          (error: Error | null, found: { on(event: string, listener: CallableFunction): void }) => {
            if (error) return reject(error);
            const entries: unknown[] = [];
            found.on('searchEntry', ({ pojo }: { pojo: { attributes: unknown } }) =>
              entries.push(pojo.attributes),
            );
            found.on('error', reject);
            found.on('end', ({ status }: { status: number }) => resolve({ status, entries }));
          },
        ),
      );
    const answers = {
      wrong: await bind('x'),
      right: await bind('secret'),
      found: await search('(&(objectclass=person)(mail=jane@example.com))'),
      nobody: await search('(mail=john@example.com)'),
    };
    client.unbind();
    return answers;
  }, configuration);
  expect(answer).toEqual({
    wrong: 'InvalidCredentialsError',
    found: {
      status: 0,
      entries: [
        [
          { type: 'objectclass', values: ['person', 'top'] },
          { type: 'cn', values: ['Jané'] },
          { type: 'mail', values: ['jane@example.com'] },
        ],
      ],
    },
    nobody: { status: 0, entries: [] },
  });
});

it.each(['ldapjs', 'ldapjs@1.0.2', 'ldapjs@2'])(
  '%s gives entries and takes changes in the form of ldapjs 2',
  async (request) => {
    const answer = await guest(
      async ({ require, configuration: { URL, REQUEST } }) => {
        const { createClient, Change } = require(REQUEST!);
        const client = createClient({ url: URL });
        await new Promise((resolve) => client.bind('cn=root', 'secret', resolve));
        type Entry = { object: { mail: string }; raw: { cn: Uint8Array; mail: Uint8Array } };
        const entry = await new Promise<Entry>((resolve, reject) =>
          client.search(
            'o=example',
            { scope: 'sub', filter: '(mail=*)' },
            (error: Error | null, found: never) =>
              error ? reject(error) : (found as { on: CallableFunction }).on('searchEntry', resolve),
          ),
        );
        client.unbind();
        const { modification } = new Change({ operation: 'replace', modification: { mail: ['a', 'b'] } });
        return {
          object: entry.object,
          raw: String(entry.raw.cn),
          change: [modification.type, modification.values],
        };
      },
      { ...configuration, REQUEST: request },
    );
    expect(answer).toEqual({
      object: {
        dn: expect.stringMatching(/^cn=jane, ?o=example$/),
        controls: [],
        objectclass: ['person', 'top'],
        cn: 'Jané',
        mail: 'jane@example.com',
      },
      raw: 'Jané',
      change: ['mail', ['a', 'b']],
    });
  },
);

it('ldapjs tells a server that is not there', async () => {
  const answer = await guest(async ({ require }) => {
    const client = require('ldapjs').createClient({ url: 'ldap://127.0.0.1:1', timeout: 1000 });
    return new Promise((resolve) =>
      client.on('connectRefused', ({ code, message }: { code: string; message: string }) =>
        resolve([code, message]),
      ),
    );
  });
  expect(answer).toEqual(['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1']);
});
