import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFixture } from '../../src/fixtures/parse-fixture.ts';
import { serializeFixture } from '../../src/fixtures/serialize-fixture.ts';
import { openSandbox } from '../../src/testkit/open-sandbox.ts';
import { readAllConnections } from '../../src/testkit/read-connections.ts';
import { runFixtureCase } from '../../src/testkit/run-fixture-case.ts';
import { median } from './load.ts';
import { axiosScript } from './processes.ts';
import { quick, say } from './say.ts';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'src/bin.js');
const ROUNDS = quick ? 2 : 7;

/** What an author waits for: `drawbridge test` from its start, after a saved file, and with very many cases. */
export async function measureAuthorTests(directory: string) {
  const few = writeSuite(join(directory, 'few'), 20);
  const many = writeSuite(join(directory, 'many'), 1_000);
  await wallMs([bin, 'test', few]);
  const rounds: { node: number; version: number; test: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      node: await wallMs(['-e', '0']),
      version: await wallMs([bin, '--version']),
      test: await wallMs([bin, 'test', few]),
    });
  }
  const of = (key: keyof (typeof rounds)[number]) => median(rounds.map((each) => each[key]));
  const startMs = of('test');
  const manyMs = await wallMs([bin, 'test', many]);
  const plainMs = await oneAfterAnother(many);
  const watchMs = await afterSaves(few);
  const result = { nodeMs: of('node'), versionMs: of('version'), startMs, watchMs, manyMs, plainMs };
  const line = (what: string, ms: number, note: string) =>
    say(`    ${what.padEnd(52)}${ms.toFixed(0).padStart(7)} ms  ${note}`);
  say(`\n(i) drawbridge test, process start included; the median of ${ROUNDS}`);
  line('node -e 0', result.nodeMs, '');
  line('drawbridge --version', result.versionMs, ratio(result.versionMs, result.nodeMs, 'of node -e 0'));
  line('20 cases', startMs, ratio(startMs, result.nodeMs, 'of node -e 0'));
  line('from a saved script to the end of its 20 cases', watchMs, ratio(watchMs, startMs, 'of the start'));
  line('1,000 cases', manyMs, ratio(manyMs, plainMs, 'of one after another'));
  line(
    '1,000 cases one after another, in a warm sandbox',
    plainMs,
    `${(plainMs / 1_000).toFixed(1)} ms each`,
  );
  return result;
}

const ratio = (one: number, other: number, what: string) => `${(one / other).toFixed(2)} ${what}`;

function writeSuite(directory: string, count: number): string {
  const folder = join(directory, 'database-connections', 'bench');
  mkdirSync(folder, { recursive: true });
  const options = {
    enabledDatabaseCustomization: true,
    enable_script_context: true,
    customScripts: { get_user: './get_user.js' },
    configuration: { baseUrl: 'https://users.example.com' },
  };
  writeFileSync(join(folder, 'database.json'), JSON.stringify({ name: 'bench', strategy: 'auth0', options }));
  writeFileSync(join(folder, 'get_user.js'), axiosScript);
  const cases = Array.from({ length: count }, (_, index) => ({
    name: `finds user ${index}`,
    script: 'get_user' as const,
    input: { identifier: `user${index}` },
    http: [
      {
        request: { url: `https://users.example.com/users?identifier=user${index}` },
        response: { json: { user_id: String(index), email: `user${index}@example.com` } },
      },
    ],
    expect: { found: true, user: { user_id: String(index) } },
  }));
  writeFileSync(join(folder, 'fixtures.yaml'), serializeFixture({ cases }));
  return directory;
}

async function wallMs(args: string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return performance.now() - begun;
}

/** The same cases without the command around them and without any at a time. */
async function oneAfterAnother(directory: string): Promise<number> {
  const text = readFileSync(join(directory, 'database-connections', 'bench', 'fixtures.yaml'), 'utf8');
  const parsed = parseFixture('fixtures.yaml', text);
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes));
  const sandbox = await openSandbox();
  try {
    const { connections } = await readAllConnections(directory, { env: {}, modules: sandbox.modules });
    const begun = performance.now();
    for (const each of parsed.parsed.cases) await runFixtureCase(sandbox, connections.get('bench')!, each);
    return performance.now() - begun;
  } finally {
    await sandbox.close();
  }
}

/** From the save of a script to the summary of its cases. */
async function afterSaves(directory: string): Promise<number> {
  const child = spawn(process.execPath, [bin, 'test', '--watch', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let said = '';
  let heard = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    heard();
  });
  const waits = async () => {
    while (!said.includes('Waiting for changes')) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    said = '';
  };
  try {
    await waits();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now();
      appendFileSync(join(directory, 'database-connections', 'bench', 'get_user.js'), `\n// ${round}`);
      await waits();
      times.push(performance.now() - begun);
    }
    return median(times);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}
