import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../package-root.ts';

const templatesDirectory = fileURLToPath(new URL('../../scripts-templates/', import.meta.url));

const schema = join(packageRoot, 'docs', 'fixture.schema.json');

/** auth0's rule for connection names: letters, digits and single dashes between them, at most 128. */
const connectionName = /^(?=.{1,128}$)[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/;

export function isConnectionName(name: string): boolean {
  return connectionName.test(name);
}

export async function listTemplates(): Promise<string[]> {
  const entries = await readdir(templatesDirectory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Names of the environment variables that the template's database.json waits for, in its order. */
export async function templateVariables(template: string): Promise<string[]> {
  const database = await readFile(join(templatesDirectory, template, 'database.json'), 'utf8');
  return [...database.matchAll(/@@(\w+)@@/g)].map(([, key]) => key!);
}

/** The files that `layDownTemplate` would write, relative to the connection's folder. */
export async function templateFiles(template: string): Promise<string[]> {
  return (await readdir(join(templatesDirectory, template))).sort();
}

/** Copies the template's files into `folder`, over what is there, as a connection called `name`. */
export async function layDownTemplate(template: string, folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(templatesDirectory, template), folder, { recursive: true });
  const file = join(folder, 'database.json');
  const database = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, `${JSON.stringify({ ...database, name }, null, 2)}\n`);
  if ((await templateFiles(template)).includes(fixtureFile)) await nameSchema(folder);
}

/** The cases that a template brings along for `drawbridge test`. */
export const fixtureFile = 'fixtures.yaml';

/** Editors complete the file by its schema, where that lies in the same project. */
async function nameSchema(folder: string): Promise<void> {
  const isOutside = relative(process.cwd(), schema).startsWith('..');
  if (isOutside || relative(process.cwd(), folder).startsWith('..')) return;
  const file = join(folder, fixtureFile);
  const path = relative(folder, schema).replaceAll('\\', '/');
  await writeFile(file, `# yaml-language-server: $schema=${path}\n${await readFile(file, 'utf8')}`);
}
