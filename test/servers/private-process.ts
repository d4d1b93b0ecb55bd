import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface PrivateFolder {
  path: string;
  /** Writes a file that the server alone may read; gives its path. */
  write(name: string, text: string): Promise<string>;
}

export interface PrivateProcess {
  folder: PrivateFolder;
  /** Ends the server and removes its folder. */
  close(): Promise<void>;
}

export interface PrivateProcessOptions {
  name: string;
  /** The system's account that runs the server where we are root, which database servers refuse to be. */
  account: string;
  /** Commands for a shell, of which the last is `exec` and the server. */
  commands(folder: PrivateFolder): Promise<string[]>;
  /** What the server says on its standard error when it takes connections. */
  ready: RegExp;
}

/**
 * Holds a server and its folder until our end of its input closes, which it does at the latest when our process ends,
 * in whatever way. A background process of a shell ignores SIGINT unless it minds it, hence SIGTERM before: PostgreSQL
 * waits for its clients after the one and ends at the other.
 */
const holder = `
exec 3<&0
sh -c "$2" </dev/null & server=$!
( read -r _ <&3; kill -TERM $server; kill -INT $server ) 2>/dev/null & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
rm -rf "$1"
exit $code
`;

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A command for a shell, its words quoted. */
export const shellCommand = (words: string[]) => words.map(quote).join(' ');

function idsOf(account: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, account], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function createFolder(
  name: string,
  { uid, gid }: { uid?: number; gid?: number },
): Promise<PrivateFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), `drawbridge-${name}-`));
  const own = async (file: string) => {
    if (uid !== undefined && gid !== undefined) await chown(file, uid, gid);
  };
  await own(folder);
  return {
    path: folder,
    async write(file, text) {
      const full = path.join(folder, file);
      await writeFile(full, text, { mode: 0o600 });
      await own(full);
      return full;
    },
  };
}

/** A port of the loopback that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server's program in a temporary folder of its own; resolves when it is ready, rejects with what it said if it ends. */
export async function startPrivateProcess(options: PrivateProcessOptions): Promise<PrivateProcess> {
  const ids = idsOf(options.account);
  const folder = await createFolder(options.name, ids);
  const commands = (await options.commands(folder)).join(' && ');
  const child = spawn('sh', ['-c', holder, 'sh', folder.path, commands], {
    ...ids,
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  async function close(): Promise<void> {
    child.stdin.end();
    await exited;
  }

  let said = '';
  const isReady = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (options.ready.test(said)) resolve();
    });
  });
  const failed = exited.then(([code]) => {
    throw new Error(`${options.name} ended with ${code}:\n${said}`);
  });
  failed.catch(() => {});
  await Promise.race([isReady, failed]);
  return { folder, close };
}
