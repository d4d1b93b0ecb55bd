import { expect, it } from 'vitest';
import { loginScript, openStore } from './open-store.ts';
import { temporaryTree } from './temporary-tree.ts';

const FILE = 'database-connections/acme/database.json';
const storeOf = async (egress: unknown) => {
  const customScripts = { login: './login.js' };
  const connection = { name: 'acme', strategy: 'auth0', options: { customScripts, egress } };
  const files = { [FILE]: connection, 'database-connections/acme/login.js': loginScript };
  return openStore((await temporaryTree(files)).root);
};

it('tells the sandbox process where the scripts of a connection may go', async () => {
  const lists = { allow: ['api.example:443'], deny: ['10.0.0.0/8'] };
  expect((await storeOf(lists)).get('acme')?.definition.egress).toEqual(lists);
  expect((await storeOf({ ...lists, allow: null })).get('acme')?.definition.egress).toEqual({
    deny: lists.deny,
  });
  expect((await storeOf(null)).get('acme')?.definition).not.toHaveProperty('egress');
});

it('does not serve a connection with an entry that it cannot read, and names its place', async () => {
  const store = await storeOf({ allow: ['api.example', 'http://10.0.0.1/'] });
  expect(store.get('acme')).toBeUndefined();
  expect(store.problems()).toEqual([
    {
      file: FILE,
      path: 'options.egress.allow[1]',
      message:
        'is "http://10.0.0.1/"; allowed: host, host:port, *.host, CIDR or CIDR:port, IPv6 with a port in brackets',
      connection: 'acme',
      keepsLastGood: false,
    },
  ]);
});

it('does not serve one with a misspelt list, which would open what it was to close', async () => {
  const store = await storeOf({ alow: ['api.example'] });
  expect(store.get('acme')).toBeUndefined();
  expect(store.problems()).toMatchObject([{ path: 'options.egress', message: 'Unrecognized key: "alow"' }]);
});
