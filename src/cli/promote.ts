import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { createDirectoryStore } from '../connections/directory-store.ts';
import { scriptPath } from '../connections/load-script.ts';
import { type ConnectionSource, readSources } from '../connections/read-sources.ts';
import { removeOption } from '../connections/remove-option.ts';
import { createKeywordReplacer } from '../connections/replace-keywords.ts';
import { ShadowOptions } from '../connections/shadow-schema.ts';
import { loadCipher } from '../encryption/load-cipher.ts';
import { locateGuestBuild } from '../pool/guest-build.ts';
import { replaceFile } from '../replace-file.ts';
import { defaultUrl, type ServiceFlags, urlHelp } from './call-service.ts';
import { isAsExpected, parseCalls, shadowReport, urlFlag } from './shadow.ts';

const examples = `
Puts the files of options.shadow.dir in the place of those that are served, keeps the old ones in a folder beside them,
and takes options.shadow out of database.json. It first asks the service for the report, and refuses where answers
differed or too few calls were compared.

Examples:
  $ npx drawbridge promote acme --dir ./tenant --dry-run
  $ npx drawbridge promote acme --dir ./tenant --expect 1000
  $ npx drawbridge promote acme --dir ./tenant --force     without a report, or in spite of it
`;

interface PromoteFlags extends ServiceFlags {
  dir: string;
  expect: number;
  force?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export interface PromoteResult {
  connection: string;
  /** As they are called from the directory on. */
  promoted: string[];
  /** Where the replaced files are; absent where none was replaced. */
  previous?: string;
  /** Whether options.shadow is out of the connection's file. */
  finished: boolean;
}

/** What the user can put right; the message says how. */
export class PromoteError extends Error {
  override readonly name = 'PromoteError';
}

export function register(program: Command): void {
  program
    .command('promote')
    .description('put the new version of the scripts, which ran as a shadow, in the place of the served one')
    .argument('<connection>', 'name of the connection')
    .option('--dir <dir>', 'directory with the connections', './tenant')
    .option('--url <url>', urlHelp, defaultUrl)
    .option('--expect <calls>', 'how many calls of each script must have been compared', parseCalls, 100)
    .option('-f, --force', 'promote without asking for the report')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(async (connection: string, flags: PromoteFlags) => {
      const result = await promote(connection, flags);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : describe(result, flags));
    });
}

/** Throws CallServiceError with nothing changed, and PromoteError, which says whether anything was. */
export async function promote(connection: string, flags: PromoteFlags): Promise<PromoteResult> {
  const { dir, force, dryRun } = flags;
  const { source, shadow } = await findShadow(connection, dir);
  await checkScripts(connection, dir);
  if (!force) await checkReport(connection, flags);
  const from = posix.join(source.scriptFolder, shadow.dir);
  const files = await filesIn(join(dir, from));
  const folder = targetFolder(source, dir, from, files);
  const promoted = files.map((file) => posix.join(folder, file));
  const isFile = source.path === '';
  if (dryRun) return { connection, promoted, finished: isFile };
  const previous = await keepPrevious(dir, folder, files).catch((error: NodeJS.ErrnoException) => {
    throw new PromoteError(`the served files cannot be kept (${error.code}); nothing was changed`);
  });
  try {
    return await putInPlace();
  } catch (error) {
    if (error instanceof PromoteError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new PromoteError(
      `not all files could be put in place (${code}); the new version is still in ${from}` +
        `${previous === undefined ? '' : `, what it replaces in ${previous}`}. Make room and promote it again`,
    );
  }

  async function putInPlace(): Promise<PromoteResult> {
    for (const file of files) {
      const target = join(dir, folder, file);
      await mkdir(dirname(target), { recursive: true });
      const isThere = previous !== undefined && existsSync(target);
      await replaceFile(target, await readFile(join(dir, from, file)), isThere ? undefined : 0o644);
    }
    const finished = isFile && (await forgetShadow(join(dir, source.file)));
    if (finished) await removeFiles(join(dir, from), files);
    return { connection, promoted, ...(previous === undefined ? {} : { previous }), finished };
  }
}

async function findShadow(
  name: string,
  dir: string,
): Promise<{ source: ConnectionSource; shadow: ShadowOptions }> {
  const sources = await readSources(dir, createKeywordReplacer(process.env));
  if (!sources)
    throw new PromoteError(`there is no directory ${dir}; say with --dir where the connections are`);
  const nameOf = ({ value }: ConnectionSource) => (value as { name?: unknown } | null)?.name;
  const source = sources.connections.find((each) => nameOf(each) === name);
  if (!source) {
    const names = sources.connections.map(nameOf).filter((each) => typeof each === 'string');
    throw new PromoteError(`${dir} has no connection "${name}"; it has ${names.sort().join(', ') || 'none'}`);
  }
  const { options } = source.value as { options?: { shadow?: unknown } };
  const shadow = ShadowOptions.safeParse(options?.shadow);
  if (shadow.success) return { source, shadow: shadow.data };
  throw new PromoteError(
    options?.shadow == null
      ? `${source.file} has no options.shadow, so there is nothing to promote; write "shadow": { "dir": "./next" } into its options and put the new scripts there`
      : `options.shadow of ${source.file} is wrong: ${shadow.error.issues[0]?.message}`,
  );
}

/** A version that cannot be run is not worth the place of one that can. */
async function checkScripts(name: string, dir: string): Promise<void> {
  const { modules } = await locateGuestBuild();
  const cipher = loadCipher({
    keys: process.env.DRAWBRIDGE_ENCRYPTION_KEY,
    file: process.env.DRAWBRIDGE_ENCRYPTION_KEY_FILE,
  }) ?? { decrypt: (text: string) => text };
  const store = await createDirectoryStore({ root: dir, env: process.env, modules, cipher, watch: false });
  const problems = store.problems().filter(({ connection }) => connection === name);
  const { shadow } = store.get(name) ?? {};
  await store.close();
  const broken = Object.values(shadow?.scripts ?? {}).find(({ problem }) => problem);
  if (broken) throw new PromoteError(`${broken.file} cannot be run: ${broken.problem?.message}`);
  if (shadow) return;
  const [first] = problems;
  throw new PromoteError(
    first ? `${first.file} ${first.path}: ${first.message}` : `"${name}" cannot be loaded`,
  );
}

async function checkReport(connection: string, flags: PromoteFlags): Promise<void> {
  const report = await shadowReport(connection, flags);
  if (isAsExpected(report, flags.expect)) return;
  const counts = Object.entries(report.scripts).map(
    ([script, { compared, different }]) => `${script} ${compared} compared, ${different} different`,
  );
  throw new PromoteError(
    `the report does not speak for the new version: ${counts.join('; ') || 'no call was compared'} ` +
      `(needed: ${flags.expect} of each and no difference). See "npx drawbridge shadow report ${connection}${urlFlag(flags)}", or use --force`,
  );
}

/** Where the served scripts lie that are replaced; what they require by relative paths goes there with them. */
function targetFolder(
  { file: settings, scriptFolder, value, foundScripts }: ConnectionSource,
  dir: string,
  from: string,
  files: readonly string[],
): string {
  type Scripts = { customScripts?: Record<string, unknown> | null };
  const { options, customScripts } = value as Scripts & { options?: Scripts };
  const served = Object.values(options?.customScripts ?? customScripts ?? foundScripts)
    .filter((path) => typeof path === 'string')
    .map((path) => scriptPath(resolve(dir), scriptFolder, path));
  const within = served.find((path) => path.startsWith(`${posix.normalize(from).replace(/\/$/, '')}/`));
  if (within !== undefined || posix.normalize(from) === posix.normalize(scriptFolder)) {
    throw new PromoteError(
      `options.shadow.dir of ${settings} is a folder of what is served (${within ?? scriptFolder}); put the new version into a folder of its own, such as "./next"`,
    );
  }
  const folders = [
    ...new Set(served.filter((path) => files.includes(posix.basename(path))).map(posix.dirname)),
  ];
  if (folders.length > 1) {
    throw new PromoteError(
      `the scripts that ${from} replaces are in several folders (${folders.join(', ')}); put them in place by hand`,
    );
  }
  return folders[0] ?? scriptFolder;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const file = relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
      if (!entry.isFile()) throw new PromoteError(`${join(folder, file)} is not a plain file`);
      return file;
    });
  if (files.includes('database.json')) {
    throw new PromoteError(
      `${join(folder, 'database.json')} is not promoted: settings are changed in place. Remove it`,
    );
  }
  return files.sort();
}

/** Copies what will be replaced into a folder of its own. */
async function keepPrevious(
  dir: string,
  folder: string,
  files: readonly string[],
): Promise<string | undefined> {
  const kept = posix.join(folder, `previous-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  const replaced = files.filter((file) => existsSync(join(dir, folder, file)));
  try {
    for (const file of replaced) {
      const target = join(dir, kept, file);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(join(dir, folder, file), target);
    }
  } catch (error) {
    await rm(join(dir, kept), { recursive: true, force: true });
    throw error;
  }
  return replaced.length > 0 ? kept : undefined;
}

/** What was put there meanwhile is nobody's to remove. */
async function removeFiles(folder: string, files: readonly string[]): Promise<void> {
  const isNew = (await filesIn(folder)).some((file) => !files.includes(file));
  if (!isNew) return rm(folder, { recursive: true });
  for (const file of files) await rm(join(folder, file));
}

async function forgetShadow(file: string): Promise<boolean> {
  const text = removeOption(await readFile(file, 'utf8'), 'shadow');
  if (text === undefined) return false;
  await replaceFile(file, text);
  return true;
}

function describe(
  { connection, promoted, previous, finished }: PromoteResult,
  { dryRun }: PromoteFlags,
): string {
  const lines = [
    dryRun ? `Would promote the new version of ${connection}:` : `Promoted the new version of ${connection}:`,
    ...promoted.map((file) => `  ${file}`),
  ];
  if (previous !== undefined)
    lines.push(`The version before is in ${previous}; remove it when it is not needed any more.`);
  if (!finished)
    lines.push('Take options.shadow out of the file of the connection, and then its folder away.');
  if (!dryRun) lines.push('A service that runs picks the change up by itself.');
  return `${lines.join('\n')}\n`;
}
