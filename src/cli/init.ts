import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import {
  fixtureFile,
  isConnectionName,
  layDownTemplate,
  listTemplates,
  templateFiles,
  templateVariables,
} from './script-templates.ts';

interface InitFlags {
  template: string;
  name: string;
  force?: boolean;
  json?: boolean;
}

export interface InitResult {
  connection: string;
  template: string;
  folder: string;
  files: string[];
  /** Environment variables that the connection needs. */
  variables: string[];
}

const examples = `
Examples:
  $ npx drawbridge init ./tenant --template http
  $ npx drawbridge init ./tenant --template postgres          with schema.sql for its table
  $ npx drawbridge init ./tenant --template basic-auth --name customers
  $ npx drawbridge init ./tenant --template fetch --force     overwrite files that are there
  $ npx drawbridge init ./tenant --template http --json       the result as JSON, for scripts
`;

const templateHelp =
  'an HTTP API: http (axios), fetch, basic-auth; a database: postgres, mysql, mongodb, sqlserver; ' +
  'a directory: ldap; a service: aws-cognito, auth0-tenant';

/** What a template brings to prepare its store with, and what to do with it. */
const preparations: Record<string, string> = {
  'schema.sql': 'run it in the database: it makes the table that the scripts use',
  'schema.ldif': 'load it into the directory: it has the class that the scripts use',
  'indexes.js': 'run it with mongosh: it makes the indexes that the scripts rely on',
};

export function register(program: Command): void {
  program
    .command('init')
    .description(
      'lay down a connection to edit: nine action scripts, their database.json and cases to test them by',
    )
    .argument('[dir]', 'directory with the connections', './tenant')
    .option('-t, --template <name>', templateHelp, 'http')
    .option('-n, --name <connection>', 'name of the connection', 'acme')
    .option('-f, --force', 'overwrite files that are there')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(async (dir: string, flags: InitFlags) => {
      const result = await init(dir, flags);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : nextSteps(dir, result));
    });
}

/** What the user can put right; the message says how. */
class InitError extends Error {
  override readonly name = 'InitError';
}

async function init(dir: string, { template, name, force }: InitFlags): Promise<InitResult> {
  const templates = await listTemplates();
  if (!templates.includes(template)) {
    throw new InitError(`there is no template "${template}"; the templates are ${templates.join(', ')}`);
  }
  if (!isConnectionName(name)) {
    throw new InitError(
      `"${name}" cannot be a connection's name; allowed are letters, digits and single dashes between them, at most 128`,
    );
  }
  const folder = join(dir, 'database-connections', name);
  const files = (await templateFiles(template)).map((file) => join(folder, file));
  const present = await filesPresent(files);
  if (present.length > 0 && !force) {
    throw new InitError(
      `these files are there already; nothing was written. Use --force to overwrite them, or another --name:\n` +
        present.map((file) => `  ${file}`).join('\n'),
    );
  }
  await layDownTemplate(template, folder, name).catch((error: NodeJS.ErrnoException) => {
    throw new InitError(`cannot write to ${folder}: ${error.code ?? error.message}`);
  });
  return { connection: name, template, folder, files, variables: await templateVariables(template) };
}

async function filesPresent(files: string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

function nextSteps(dir: string, { connection, template, folder, files, variables }: InitResult): string {
  const env = join(folder, '.env');
  const steps = [
    testStep(dir, folder, files),
    `cp ${quoted(`${env}.example`)} ${quoted(env)}    # and fill it in; keep it out of version control`,
    ...files.flatMap(preparation),
    `set -a; . ${quoted(sourced(env))}; set +a`,
    `npx drawbridge serve --dir ${quoted(dir)}`,
    `curl -s http://127.0.0.1:3000/v1/connections/${connection}/get-user -H 'content-type: application/json' -d '{"identifier":"jane@example.com"}'`,
  ];
  return `Connection "${connection}" from the template ${template}:
${files.map((file) => `  ${file}`).join('\n')}

Variables to set:
${variables.map((variable) => `  ${variable}`).join('\n')}

Next steps:
${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}
`;
}

function testStep(dir: string, folder: string, files: string[]): string {
  const command = `npx drawbridge test --dir ${quoted(dir)}`;
  const hasFixtures = files.some((file) => basename(file) === fixtureFile);
  if (hasFixtures) return `${command}    # runs the cases of ${quoted(join(folder, fixtureFile))}`;
  return `${command}    # once there are cases in ${quoted(join(folder, fixtureFile))}; docs/testing.md has the format, and how they reach a database`;
}

function preparation(file: string): string[] {
  const what = preparations[basename(file)];
  return what === undefined ? [] : [`${file}: ${what}`];
}

/** A shell looks up a name without a leading dot or slash in PATH when it reads a file with `.`. */
function sourced(path: string): string {
  return path.includes('/') && !path.startsWith('/') && !path.startsWith('.') ? `./${path}` : path;
}

function quoted(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
