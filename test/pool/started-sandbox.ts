import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { locateGuestBuild } from '../../src/pool/guest-build.ts';
import { hostMain } from '../../src/pool/sandbox-code.ts';
import { planSandboxStart, type SandboxStart } from '../../src/pool/sandbox-start.ts';
import { sandboxEnvironment, spawnSandbox } from '../../src/pool/spawn-sandbox.ts';

export const { directory: guestDirectory } = await locateGuestBuild();

export const isRoot = process.getuid?.() === 0;
export const isLinux = process.platform === 'linux';

/** A sandbox process that has said it is ready; `await using` ends it. */
export async function startSandbox(start: SandboxStart) {
  const { child, stream } = spawnSandbox(start);
  stream.on('error', () => {});
  const ended = once(child, 'close');
  const words = text(child.stderr!);
  const limits = { wallMs: 1_000, cpuMs: 1_000, memoryMb: 32 };
  const more = { egressAllow: [], upstream: 'network', guestDirectory, debugEvents: false };
  stream.write(`${JSON.stringify({ type: 'start', limits, ...more })}\n`);
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value === undefined) throw new Error(`The sandbox process ended: ${await words}`);
  return {
    child,
    pid: child.pid!,
    ready: JSON.parse(value) as { type: string; pid: number },
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What a sandbox process may have in its environment: what it is given, and what shells add by themselves. */
export const knownVariables = [...Object.keys(sandboxEnvironment), 'PWD', 'OLDPWD', 'SHLVL', '_'];

export const readProc = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'latin1');

/** `NoNewPrivs:	1` of /proc/<pid>/status as `1`. */
export async function statusOf(pid: number, field: string): Promise<string | undefined> {
  const line = new RegExp(`^${field}:[ \\t]*(.*)$`, 'm').exec(await readProc(pid, 'status'));
  return line?.[1]?.trim();
}

/** Soft and hard limit. */
export async function limitOf(pid: number, name: string): Promise<string[]> {
  const line = (await readProc(pid, 'limits')).split('\n').find((each) => each.startsWith(name));
  return line?.slice(name.length).trim().split(/\s+/).slice(0, 2) ?? [];
}

const powers = fileURLToPath(new URL('../../sandbox/host/give-up-powers.ts', import.meta.url));

/**
 * What `attempts`, an array of [name, async function] as source, come to in a process that is started like a sandbox
 * process and has given up its powers: the code of the error, or `done`. `folder` is the one that it may read.
 */
export async function attemptInSandbox(
  attempts: string,
  plan: Omit<Parameters<typeof planSandboxStart>[0], 'guestDirectory'> = {},
): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-probe-'));
  const probe = join(folder, 'probe.mjs');
  await writeFile(
    probe,
    `import { Socket } from 'node:net';
    import { giveUpPowers } from ${JSON.stringify(powers)};
    giveUpPowers([]);
    const found = {};
    for (const [name, attempt] of ${attempts}) {
      try { found[name] = String((await attempt()) ?? 'done'); } catch (error) { found[name] = error.code ?? error.message; }
    }
    new Socket({ fd: 3 }).end(JSON.stringify(found));`,
  );
  try {
    const start = planSandboxStart({ guestDirectory: folder, ...plan });
    const args = start.args.flatMap((arg) =>
      arg === hostMain(folder) ? [`--allow-fs-read=${powers}`, probe] : [arg],
    );
    const { child, stream } = spawnSandbox({ ...start, args });
    const [found, words] = await Promise.all([text(stream), text(child.stderr!)]);
    if (found === '') throw new Error(words);
    return JSON.parse(found) as Record<string, string>;
  } finally {
    await rm(folder, { recursive: true });
  }
}
