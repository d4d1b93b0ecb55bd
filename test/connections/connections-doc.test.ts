import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { actionNames } from '../../sandbox/contract/actions.ts';
import { contracts } from '../../src/scripts/contracts.ts';
import { loginScript, openStore } from './open-store.ts';
import { temporaryTree } from './temporary-tree.ts';

const doc = await readFile(new URL('../../docs/connections.md', import.meta.url), 'utf8');
const example = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(doc)![1]!;
const env = { API_HOST: 'api.example.com', API_TOKEN: 'token' };

describe('docs/connections.md', () => {
  it.each([
    ['json', 'database-connections/acme/database.json', 'database-connections/acme'],
    ['yaml', 'tenant.yaml', 'databases/acme'],
  ])('has a %s example that can be served', async (language, file, folder) => {
    const scripts = ['login', 'get_user', 'create'].map((name) => [`${folder}/${name}.js`, loginScript]);
    const tree = await temporaryTree({ [file]: example(language), ...Object.fromEntries(scripts) });
    const store = await openStore(tree.root, { env });
    expect(store.problems()).toEqual([]);
    expect(store.get('acme')?.warnings).toEqual([]);
    expect(store.get('acme')?.definition.configuration.API_TOKEN).toBe('token');
  });

  it.each(actionNames)('lists the recommended names of %s', (action) => {
    const names = contracts[action].entryNames.map((name) => `\`${name}\``).join(', ');
    expect(doc.replace(/ +\|/g, ' |')).toContain(`| ${names} |`);
  });
});
