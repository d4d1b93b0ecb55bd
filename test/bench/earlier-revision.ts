import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The last revision before scripts were taken for hostile throughout. */
const BEFORE_HARDENING = '9eec13f919c052e81e4aece668fbd776a1e70eb8';

/** `--before <revision>` names another. */
export function revisionBefore(args: readonly string[] = process.argv): string {
  const at = args.indexOf('--before');
  return (at >= 0 && args[at + 1]) || BEFORE_HARDENING;
}

/**
 * Lays an earlier revision down in `directory`, with the packages that are installed here. Undefined where there is
 * no history to take it from: in a published package, or in a shallow clone.
 */
export function layDown(revision: string, directory: string): string | undefined {
  try {
    const archive = execFileSync('git', ['archive', revision], {
      cwd: root,
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    mkdirSync(directory);
    execFileSync('tar', ['-x', '-C', directory], { input: archive });
  } catch {
    return undefined;
  }
  linkPackages(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

/** Links of the files where that can be: a sandbox process may not follow a link to another folder. */
function linkPackages(from: string, to: string): void {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    symlinkSync(from, to);
  }
}
