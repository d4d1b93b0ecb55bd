import { expect, test } from 'vitest';
import { loginScript, openStore } from './open-store.ts';
import { temporaryTree } from './temporary-tree.ts';

const filesOf = (name: string, database: string | object) => ({
  [`database-connections/${name}/database.json`]: database,
  [`database-connections/${name}/login.js`]: loginScript,
});
const deep = (levels: number) =>
  `{"name": "deep", "options": {"x": ${'['.repeat(levels)}${']'.repeat(levels)}}}`;

test('of an option that may be a misspelt configuration no text is shown', async () => {
  const options = {
    configuraton: { TOKEN: 'a-secret' },
    client_secret: 'a-secret',
    strategy_version: 2,
    custom: true,
    password_options: { history: { active: true } },
  };
  const { root } = await temporaryTree(filesOf('acme', { name: 'acme', options }));
  const store = await openStore(root);
  expect(store.get('acme')?.options).toEqual({
    configuraton: '[not shown]',
    client_secret: '[not shown]',
    strategy_version: 2,
    custom: true,
    password_options: { history: { active: true } },
  });
});

test.each([
  ['JSON', filesOf('deep', deep(20_000)), 'database-connections/deep/database.json'],
  ['YAML', { 'tenant.yaml': `databases: [${deep(200)}]` }, 'tenant.yaml'],
  [
    'YAML that contains itself',
    { 'tenant.yaml': 'databases: [{name: deep, options: &a {x: *a}}]' },
    'tenant.yaml',
  ],
])('%s that is nested too deep is a mistake of its own file', async (_, files, file) => {
  const { root } = await temporaryTree({ ...files, ...filesOf('well', { name: 'well' }) });
  const store = await openStore(root);
  expect(store.list().map(({ name }) => name)).toEqual(['well']);
  expect(store.problems()).toMatchObject([
    { file, message: expect.stringContaining('nested deeper than 100 levels') },
  ]);
});
