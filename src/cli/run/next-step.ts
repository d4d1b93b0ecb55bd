import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../errors.ts';
import { packageRoot } from '../../package-root.ts';

/** The last column of docs/errors.md for this code, without its links. */
export function nextStep(code: ErrorCode): string {
  const page = readFileSync(join(packageRoot, 'docs/errors.md'), 'utf8');
  const row = page.split('\n').find((line) => line.startsWith(`| <a id="${code}"></a>`));
  const cell = row?.split(/(?<!\\)\|/).at(-2) ?? '';
  return cell
    .trim()
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '');
}
