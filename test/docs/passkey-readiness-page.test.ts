import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { readinessText } from '../../src/cli/check/readiness-text.ts';
import { ConnectionFile } from '../../src/connections/connection-schema.ts';
import { behaviourCodes } from '../../src/passkeys/behaviour/behaviour-codes.ts';
import { nothingSeen } from '../../src/passkeys/behaviour/judge-behaviour.ts';
import { checkReadiness } from '../../src/passkeys/check-readiness.ts';
import type { ReadinessCode } from '../../src/passkeys/finding.ts';
import { settingsCodes } from '../../src/passkeys/settings/settings-codes.ts';
import { sourceCodes } from '../../src/passkeys/source/source-codes.ts';
import { faultyRoot, openConnections } from '../passkeys/open-faulty.ts';
import { moduleTable } from '../scripts/module-table.ts';

const page = readFileSync(new URL('../../docs/passkey-readiness.md', import.meta.url), 'utf8');

/** Of a heading of the second level, the text of each section below it by its heading. */
function sectionsOf(heading: string): Map<string, string> {
  const part = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const sections = part.split(/^### /m).slice(1);
  return new Map(sections.map((text) => [text.split('\n')[0]!, text.slice(text.indexOf('\n')).trim()]));
}

test.each<[string, Record<string, ReadinessCode>]>([
  ['Settings', settingsCodes],
  ['Source', sourceCodes],
  ['Behaviour', behaviourCodes],
])('%s: every code has a section, in the order of the report, with its severity', (heading, codes) => {
  const sections = sectionsOf(heading);
  expect([...sections.keys()]).toEqual(Object.keys(codes));
  for (const [code, { severity }] of Object.entries(codes)) {
    expect(sections.get(code)?.toLowerCase().startsWith(`**${severity}.** `), code).toBe(true);
  }
});

test('no code is in two families', () => {
  const all = [settingsCodes, sourceCodes, behaviourCodes].flatMap((codes) => Object.keys(codes));
  expect(new Set(all).size).toBe(all.length);
});

test('the report that is shown is one', async () => {
  const connections = await openConnections(faultyRoot);
  const connection = connections.find(({ name }) => name === 'context-object-off')!;
  const behaviour = { verdicts: nothingSeen('nothing was run') };
  const report = checkReadiness({ connection, tenant: {}, modules: moduleTable, behaviour });
  const text = stripVTControlCharacters(readinessText(report));
  const [, shown = ''] = /```text\n(.*?)```/s.exec(page)!;
  const lines = shown.split('\n').slice(1).filter(Boolean);
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(text.split('\n')).toContain(line);
});

test('the connection that ignores a code is one that is served', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(page)!;
  const { options } = ConnectionFile.parse(JSON.parse(example));
  const [code] = Object.keys(options?.passkey_readiness?.ignore ?? {});
  expect(code! in settingsCodes).toBe(true);
});
