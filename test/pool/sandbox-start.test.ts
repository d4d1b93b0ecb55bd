import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { commandWords } from '../../src/config-fields.ts';
import { prepareSandboxStart, SandboxStartError } from '../../src/pool/prepare-sandbox-start.ts';
import { recordedLog } from '../service/recorded-log.ts';
import {
  guestDirectory,
  isLinux,
  isRoot,
  knownVariables,
  limitOf,
  readProc,
  startSandbox,
  statusOf,
} from './started-sandbox.ts';

const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
/** What this machine has; each that is missing is said where a test is skipped. */
const hasSetpriv = isLinux && works('setpriv', ['--no-new-privs', '--pdeathsig', 'KILL', 'true']);
const hasBwrap = isLinux && works('bwrap', ['--ro-bind', '/', '/', '--unshare-pid', 'true']);

function works(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

if (!hasSetpriv) console.log('skipped here: no setpriv that has --no-new-privs and --pdeathsig');
if (!hasBwrap) console.log('skipped here: no bwrap, or it can make no namespaces');
if (!isRoot) console.log('skipped here: what needs root, which alone may start processes as another user');

const prepare = (options: Partial<Parameters<typeof prepareSandboxStart>[0]> = {}) =>
  prepareSandboxStart({ guestDirectory, log: recordedLog().logger, ...options });

describe.skipIf(!isLinux)('on Linux a sandbox process', () => {
  test('has no descriptors but its pipes, /dev/null and what Node makes for itself', async () => {
    const module = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
    const script = `
      import { createServer } from 'node:net';
      import { openSync } from 'node:fs';
      import { prepareSandboxStart } from ${module('../../src/pool/prepare-sandbox-start.ts')};
      import { startSandbox } from ${module('./started-sandbox.ts')};
      createServer().listen(0);
      openSync('/etc/hostname');
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const start = await prepareSandboxStart({ guestDirectory: ${JSON.stringify(guestDirectory)}, log });
      const sandbox = await startSandbox(start);
      process.stdout.write(sandbox.pid + '\\n');
    `;
    // High descriptors are those that Node passes on to its children.
    const secret = openSync('/etc/passwd', 'r');
    const stdio = Array.from({ length: 60 }, (_, fd) => (fd === 55 ? secret : ('ignore' as const)));
    const flags = ['--input-type=module', '-e', script];
    const service = spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit', ...stdio.slice(3)] });
    onTestFinished(async () => {
      closeSync(secret);
      service.kill('SIGKILL');
      await once(service, 'close');
    });
    const [line] = (await once(createInterface({ input: service.stdout! }), 'line')) as [string];
    const targets = (pid: string) =>
      readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(targets(String(service.pid))).toContain('/etc/passwd');
    for (const target of targets(line)) {
      expect(target).toMatch(
        /^(\/dev\/null|anon_inode:\[(eventfd|eventpoll|io_uring)\]|(pipe|socket):\[\d+\])$/,
      );
    }
    expect(targets(line).filter((target) => target.startsWith('socket:'))).toHaveLength(2);
  });

  test('dumps no core, writes no file, has a bound on descriptors and is the first to go when memory runs out', async () => {
    await using sandbox = await startSandbox(await prepare());
    const { pid } = sandbox;
    expect(await limitOf(pid, 'Max core file size')).toEqual(['0', '0']);
    expect(await limitOf(pid, 'Max file size')).toEqual(['0', '0']);
    for (const limit of await limitOf(pid, 'Max open files'))
      expect(Number(limit)).toBeLessThanOrEqual(16_384);
    expect((await readProc(pid, 'oom_score_adj')).trim()).toBe('500');
    const variables = (await readProc(pid, 'environ')).split('\0').filter((each) => each !== '');
    expect(knownVariables).toEqual(expect.arrayContaining(variables.map((each) => each.split('=')[0])));
    expect(await readProc(pid, 'cmdline')).toMatch(/^[^\0]*node\0--no-node-snapshot\0/);
  });

  test.skipIf(!hasSetpriv)(
    'gets no new privileges (skipped without a setpriv that has --pdeathsig)',
    async () => {
      await using sandbox = await startSandbox(await prepare());
      expect(await statusOf(sandbox.pid, 'NoNewPrivs')).toBe('1');
      expect(await statusOf(sandbox.pid, 'CapEff')).toBe('0000000000000000');
    },
  );
});

describe.skipIf(!isRoot)('started as root (skipped as another user)', () => {
  test('it runs as nobody, without groups and capabilities', async () => {
    const log = recordedLog();
    const start = await prepare({ log: log.logger });
    expect(log.lines).toEqual([]);
    await using sandbox = await startSandbox(start);
    const { pid } = sandbox;
    expect(await statusOf(pid, 'Uid')).toMatch(/^(65534\s*){4}$/);
    expect(await statusOf(pid, 'Gid')).toMatch(/^(\d+\s*){4}$/);
    expect(await statusOf(pid, 'Gid')).not.toContain('\t0');
    expect(await statusOf(pid, 'Groups')).toMatch(/^(65534)?$/);
    for (const set of ['CapInh', 'CapPrm', 'CapEff'])
      expect(await statusOf(pid, set)).toBe('0000000000000000');
  });

  test('it runs as the user that is asked for', async () => {
    await using sandbox = await startSandbox(
      await prepare({ user: { name: '4711:4712', uid: 4711, gid: 4712 } }),
    );
    expect(await statusOf(sandbox.pid, 'Uid')).toMatch(/^(4711\s*){4}$/);
    expect(await statusOf(sandbox.pid, 'Gid')).toMatch(/^(4712\s*){4}$/);
  });

  test('it stays root with a warning where nobody cannot read the code, and is refused to a user who was asked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-closed-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await chmod(folder, 0o700);
    await writeFile(join(folder, 'manifest.json'), '{}');
    const log = recordedLog();
    expect(await prepare({ guestDirectory: folder, log: log.logger })).toMatchObject({ user: undefined });
    expect(log.lines).toMatchObject([
      {
        level: 'warn',
        message: expect.stringMatching(
          /^the sandbox processes run as root, because the user nobody cannot read \S+host\.cjs; set DRAWBRIDGE_SANDBOX_USER to a user that can read/,
        ),
      },
    ]);
    await expect(prepare({ guestDirectory: folder, user: nobody })).rejects.toThrow(
      /^DRAWBRIDGE_SANDBOX_USER is "nobody", but the user nobody cannot read \S+host\.cjs; name a user that can read Drawbridge's code$/,
    );
  });

  test('root that is asked for stays root without a word', async () => {
    const log = recordedLog();
    const start = await prepare({ user: { name: 'root', uid: 0, gid: 0 }, log: log.logger });
    expect(log.lines).toEqual([]);
    await using sandbox = await startSandbox(start);
    expect(await statusOf(sandbox.pid, 'Uid')).toMatch(/^(0\s*){4}$/);
  });
});

describe('a wrapper', () => {
  test.each([
    [
      'that is no program',
      ['drawbridge-no-such-program'],
      /^DRAWBRIDGE_SANDBOX_WRAPPER begins with "drawbridge-no-such-program", which is no program$/,
    ],
    [
      'that fails',
      ['sh', '-c', 'echo it is not allowed here >&2; exit 3'],
      /^DRAWBRIDGE_SANDBOX_WRAPPER does not start a sandbox process: it is not allowed here$/,
    ],
    [
      'that starts something else',
      ['true'],
      /does not start a sandbox process: it ended with exit code 0 before it was ready$/,
    ],
  ])('%s is refused at the start, by the name of the setting', async (_what, wrapper, message) => {
    const refused = prepare({ wrapper });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(SandboxStartError);
  });

  test('that replaces itself is gone when the process runs', async () => {
    await using sandbox = await startSandbox(await prepare({ wrapper: ['env', 'WRAPPED=yes'] }));
    expect(sandbox.ready).toEqual({ type: 'ready', pid: sandbox.pid });
    if (isLinux) expect(await readProc(sandbox.pid, 'environ')).toContain('WRAPPED=yes');
  });

  test.skipIf(!hasBwrap)(
    'with the recipe of docs/security.md bwrap gives namespaces, and SIGKILL reaches what is within (skipped where bwrap can make none)',
    async () => {
      const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
      const page = await readFile(join(root, 'docs/security.md'), 'utf8');
      const recipe = /^```text\n(bwrap .*)\n```$/m.exec(page)?.[1] ?? '';
      const wrapper = commandWords.parse(recipe.replaceAll('/opt/drawbridge', root));
      const blind = wrapper?.filter((word, index, all) => word !== '--proc' && all[index - 1] !== '--proc');
      await expect(prepare({ wrapper: blind })).rejects.toThrow(/does not start a sandbox process/);
      const sandbox = await startSandbox(await prepare({ wrapper }));
      expect(sandbox.ready.pid).not.toBe(sandbox.pid);
      const namespace = (pid: string) => readlinkSync(`/proc/${pid}/ns/pid`);
      const inside = childrenOf(sandbox.pid).filter((pid) => namespace(pid) !== namespace('self'));
      expect(inside.length).toBeGreaterThan(0);
      expect(await statusOf(Number(inside.at(-1)), 'NoNewPrivs')).toBe('1');
      const seen = readdirSync(`/proc/${inside.at(-1)}/root${root}`);
      expect(seen.sort()).toEqual(['dist', 'node_modules', 'sandbox']);
      sandbox.child.kill('SIGKILL');
      await sandbox.ended;
      // The pipes are closed only when the process within, which holds them, is gone.
      for (const pid of inside) await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
    },
  );
});

function childrenOf(pid: number): string[] {
  const own = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return own.flatMap((child) => [child, ...childrenOf(Number(child))]);
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  } catch {
    return 0;
  }
}

function isAlive(pid: string): boolean {
  return readdirSync('/proc').includes(pid);
}
