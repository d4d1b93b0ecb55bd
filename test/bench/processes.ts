import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

export interface Running {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

/** Starts one of the benchmark's own servers; it says its port when it listens. */
export async function startServer(file: string, ...args: string[]): Promise<Running> {
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return running(child, port);
}

/** Starts the service as an operator would; `from`: the folder of another revision of it. */
export async function startService(directory: string, upstreamPort: number, from = root): Promise<Running> {
  const child = spawn(
    process.execPath,
    [join(from, 'src/bin.js'), 'serve', '--dir', directory, '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        DRAWBRIDGE_API_KEY: benchKey,
        DRAWBRIDGE_EGRESS_ALLOW: `127.0.0.1:${upstreamPort},127.0.0.1:5432`,
        BENCH_URL: `http://127.0.0.1:${upstreamPort}`,
      },
    },
  );
  // What it says of itself is of interest only when it does not start.
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (!port) continue;
    child.stdout.resume();
    return running(child, Number(port));
  }
  throw new Error(`The service ended before it listened: ${said}`);
}

export const benchKey = 'bench-key-for-this-run-only-0123456789';
export const lookUpBody = JSON.stringify({ identifier: 'jane@example.com' });
export const pathOf = (index: number) => `/v1/connections/bench-${index}/get-user`;

/** Milliseconds of a look-up on connection `bench-index`. */
export async function timeOneCall(service: Running, index: number): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`http://127.0.0.1:${service.port}${pathOf(index)}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${benchKey}`, 'Content-Type': 'application/json' },
    body: lookUpBody,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`bench-${index} answered ${response.status}: ${text}`);
  return performance.now() - begun;
}

function running(child: ChildProcess, port: number): Running {
  return {
    pid: child.pid ?? 0,
    port,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Resident megabytes of a process and of all it started. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return children.reduce((sum, child) => sum + residentMb(Number(child)), own);
}

const pgScript = `
const { Pool } = require('pg');

async function getUser(identifierValue, context, callback) {
  global.pool ??= new Pool({ host: '127.0.0.1', user: 'postgres', database: 'postgres', max: 1 });
  const { rows } = await global.pool.query('select $1::text as user_id, $2::text as email', ['42', identifierValue]);
  return callback(null, rows[0]);
}
`;

export const axiosScript = `
const axios = require('axios');

async function getUser(identifierValue, context, callback) {
  try {
    const answer = await axios.get(\`\${configuration.baseUrl}/users?identifier=\${encodeURIComponent(identifierValue)}\`, {
      headers: { Authorization: 'Bearer bench' },
      timeout: 5000,
    });
    return callback(null, answer.data);
  } catch (error) {
    return callback(new Error(error.message));
  }
}
`;

/** Connections from `bench-0` on: `axios` of them ask the upstream, the `pg` after them PostgreSQL. */
export function writeConnections(directory: string, axios: number, pg: number): void {
  for (let index = 0; index < axios + pg; index++)
    writeConnection(directory, index, index < axios ? axiosScript : pgScript);
}

/** The connection `bench-index`, which has this script. */
export function writeConnection(directory: string, index: number, getUser: string): void {
  const folder = join(directory, 'database-connections', `bench-${index}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'get_user.js'), getUser);
  const options = {
    enabledDatabaseCustomization: true,
    enable_script_context: true,
    customScripts: { get_user: './get_user.js' },
    configuration: { baseUrl: '@@BENCH_URL@@' },
  };
  const database = { name: `bench-${index}`, strategy: 'auth0', options };
  writeFileSync(
    join(folder, 'database.json'),
    JSON.stringify(database, null, 2).replace('"@@BENCH_URL@@"', '@@BENCH_URL@@'),
  );
}
