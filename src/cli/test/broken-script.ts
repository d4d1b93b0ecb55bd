import { relative } from 'node:path';
import type { Connection } from '../../connections/connection.ts';
import type { CaseFailure } from '../../fixtures/case-failure.ts';
import type { ReadyCase } from '../../fixtures/fixture-case.ts';
import { createPathFinder } from './find-path.ts';
import { scriptsOf } from './scripts-of.ts';

/** Why a case of a script that cannot be compiled fails: the mistake is the script's, not the fixture's. */
export function brokenScript(
  { script, expect }: ReadyCase,
  { scripts }: Connection,
  folders: ReadonlyMap<string, string>,
): CaseFailure | undefined {
  if (expect.error === 'script_invalid') return undefined;
  const broken = scriptsOf(script)
    .map((action) => scripts[action])
    .find((loaded) => loaded?.problem);
  if (!broken?.problem) return undefined;
  const { message, file = broken.file, line, column } = broken.problem;
  const path = relative(process.cwd(), createPathFinder(folders)(file));
  const place = line === undefined ? path : `${path}:${line}:${column}`;
  return {
    kind: 'script',
    message: `${place}: ${message}`,
    details: [`the script ${broken.action} was not run`],
    advice: `mend ${path}; the fixture may be right`,
  };
}
