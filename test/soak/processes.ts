import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface MemorySample {
  serviceMb: number;
  /** One for each process. */
  sandboxMb: number[];
}

export interface SoakedService extends AsyncDisposable {
  port: number;
  sandboxPids(): number[];
  memory(): MemorySample;
  /** Sandbox processes that had to be replaced, by the service's own count. */
  restarts(): Promise<number>;
  /** Set when the service ended by itself. */
  ended(): string | undefined;
}

const root = join(import.meta.dirname, '../..');

/** Starts the service as an operator does. */
export async function startService(dir: string, env: Record<string, string>): Promise<SoakedService> {
  const args = [join(root, 'src/bin.js'), 'serve', '--dir', dir, '--port', '0', '--log-format', 'json'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  let ended: string | undefined;
  let words = '';
  const exited = once(child, 'exit').then(([code, signal]) => {
    ended = `the service ended with ${signal ?? `exit code ${code}`}: ${words}`;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-2_000);
  });
  child.stdout.resume();
  const port = await portOf(child.stderr);
  if (port === undefined) {
    await exited;
    throw new Error(ended);
  }
  const sandboxPids = () => {
    const children = read(`/proc/${child.pid}/task/${child.pid}/children`);
    return children.trim().split(' ').filter(Boolean).map(Number);
  };
  return {
    port,
    sandboxPids,
    memory: () => ({ serviceMb: residentMb(child.pid!), sandboxMb: sandboxPids().map(residentMb) }),
    async restarts() {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^drawbridge_sandbox_restarts (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
    },
    ended: () => ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function portOf(words: NodeJS.ReadableStream): Promise<number | undefined> {
  const lines = createInterface({ input: words });
  const found = Promise.withResolvers<number | undefined>();
  lines.on('line', (line) => {
    const port = / listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) found.resolve(Number(port));
  });
  lines.on('close', () => found.resolve(undefined));
  return found.promise;
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
