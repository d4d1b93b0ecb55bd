import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Command } from 'commander';
import { removeOption } from '../connections/remove-option.ts';
import { replaceFile } from '../replace-file.ts';
import { defaultUrl, type ServiceFlags, urlHelp } from './call-service.ts';
import { checkReport, checkScripts } from './promote/check-shadow.ts';
import { findShadow } from './promote/find-shadow.ts';
import { PromoteError } from './promote/promote-error.ts';
import { filesIn, keepPrevious, removeFiles, targetFolder } from './promote/shadow-files.ts';
import { parseCalls } from './shadow.ts';

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

interface PromoteResult {
  connection: string;
  /** As they are called from the directory on. */
  promoted: string[];
  /** Where the replaced files are; absent where none was replaced. */
  previous?: string;
  /** Whether options.shadow is out of the connection's file. */
  finished: boolean;
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
