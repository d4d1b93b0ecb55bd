import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { modulesPage } from '../../sandbox/build/modules-page.ts';

const page = await readFile(new URL('../../docs/modules.md', import.meta.url), 'utf8');

it('docs/modules.md is as the table of modules makes it (else: npm run docs:modules)', async () => {
  expect(page).toBe(await modulesPage());
});

it('has the pins, the versions and what is not there in its tables', () => {
  expect(page).toMatch(/^\| `pg@7` and earlier \| pg 8\.\S+ \| pg\.connect and pg\.end of pg 6 are kept/m);
  expect(page).toMatch(/^\| `mongodb` \| \*\*4\.\S+\*\*, 3\.\S+, 5\.\S+, 7\.\S+ \| Kerberos/m);
  expect(page).toMatch(/^\| `bcrypt` \| \*\*6\.\S+\*\* \| \|$/m);
  expect(page).toMatch(/^\| `fs` \| everything/m);
  expect(page).not.toContain('undefined');
});
