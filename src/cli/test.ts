import type { Command } from 'commander';
import type { TestFlags } from './test/test-options.ts';

const examples = `
Fixture files are *.fixture.yaml (.yml, .json) or fixtures.yaml beside the scripts, and all YAML and JSON in a folder
called "fixtures". Paths are such files, or folders to look for them in; without any it is the directory of --dir.

Examples:
  $ npx drawbridge test
  $ npx drawbridge test tenant/database-connections/acme --name "get_user|login"
  $ npx drawbridge test --watch
  $ npx drawbridge test --reporter readable --reporter junit=reports/drawbridge.xml
  $ npx drawbridge test --coverage --coverage-reporter text,lcov
  $ npx drawbridge test --egress-allow 127.0.0.1:5432     for cases with "network: allow"
  $ npx drawbridge test --schema > fixture.schema.json    for editors

It exits with 0 when all cases pass, 1 when some fail or there are none, 2 when fixture files or flags are wrong.
`;

const collect = (value: string, before: string[] = []) => [...before, value];

export function register(program: Command): void {
  program
    .command('test')
    .description('run the cases of fixture files against the scripts, their HTTP calls answered by mocks')
    .argument('[paths...]', 'fixture files, or folders with them')
    .option('--dir <path>', 'directory with the connections (DRAWBRIDGE_DIR, default ./tenant)')
    .option('-t, --name <pattern>', 'only cases with this in their connection, script and name')
    .option('--bail', 'stop after the first case that fails')
    .option('-w, --watch', 'run again what a saved file touches')
    .option('--reporter <name>', 'readable, json, junit, tap or github; =file to write to one', collect)
    .option('--output <file>', 'the file that the reporter writes to')
    .option('--json', 'the same as --reporter json')
    .option(
      '--egress-allow <list>',
      'where cases with "network: allow" may open sockets (DRAWBRIDGE_EGRESS_ALLOW)',
    )
    .option('--concurrency <number>', 'how many cases run at a time (default 8)')
    .option('--coverage', 'say which lines and branches of the scripts the cases have run')
    .option('--coverage-dir <path>', 'where its reports are written (default ./coverage)')
    .option('--coverage-reporter <names>', 'text, lcov, html and others (default text,lcov,html)')
    .option('--schema', 'print the JSON Schema of fixture files')
    .addHelpText('after', examples)
    .action(async (paths: string[], flags: TestFlags & { schema?: boolean }) => {
      if (flags.schema) {
        const { fixtureJsonSchema } = await import('../fixtures/json-schema.ts');
        process.stdout.write(`${JSON.stringify(fixtureJsonSchema(), null, 2)}\n`);
        return;
      }
      const { readTestOptions } = await import('./test/test-options.ts');
      const options = readTestOptions(paths, flags, process.env);
      const { runTests } = await import('./test/run-tests.ts');
      process.exitCode = await runTests(options);
    });
}
