import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkConnections } from '../../src/cli/check/check-connections.ts';
import { readinessSummary, readinessText } from '../../src/cli/check/readiness-text.ts';
import { behaviourCodes } from '../../src/passkeys/behaviour/behaviour-codes.ts';
import type { ReadinessReport } from '../../src/passkeys/report.ts';
import { settingsCodes } from '../../src/passkeys/settings/settings-codes.ts';
import { sourceCodes } from '../../src/passkeys/source/source-codes.ts';
import { faultyRoot, plantedIn } from './open-faulty.ts';

const tenants = fileURLToPath(new URL('faulty-tenants', import.meta.url));
const tenantFaults = readdirSync(tenants);

/** Codes that no directory shows. */
const notPlanted: Record<string, string> = { slow: 'fixtures say nothing of time' };

/** The whole check, as the command makes it: settings, source, and the fixtures beside the scripts. */
const check = (root: string) => checkConnections({ root, env: {}, budgetMs: 1_000 });
const codesIn = ({ findings }: ReadinessReport) => [...new Set(findings.map(({ code }) => code))];

describe('each connection has the fault that it is named after, and no other', () => {
  let reports: readonly ReadinessReport[] = [];
  beforeAll(async () => {
    const checked = await check(faultyRoot);
    expect(checked.problems).toEqual([]);
    reports = checked.reports;
  });

  test('in every connection', () => {
    const found = reports.map((report) => [report.connection, codesIn(report)]);
    const planted = reports.map(({ connection }) => [connection, [plantedIn(connection)].filter(Boolean)]);
    expect(found).toEqual(planted);
    expect(reports.length).toBeGreaterThanOrEqual(50);
  });

  test('every behaviour of the sound one is seen', () => {
    const { checks } = reports.find(({ connection }) => connection === 'sound')!;
    const behaviour = checks.filter(({ family }) => family === 'behaviour');
    const statuses = behaviour.map(({ name, status }) => [name, status]);
    expect(statuses).toEqual(
      Object.keys(behaviourCodes).map((code) => [code, notPlanted[code] ? 'unknown' : 'passed']),
    );
  });

  test('every code is planted', () => {
    const planted = new Set([...reports.flatMap(codesIn), ...tenantFaults.map(plantedIn)]);
    const codes = [settingsCodes, sourceCodes, behaviourCodes].flatMap((table) => Object.keys(table));
    expect(codes.filter((code) => !planted.has(code))).toEqual(Object.keys(notPlanted));
  });

  test('each finding has the file that it is in, and the line where a line is to be changed', () => {
    const families = new Map(
      reports.flatMap(({ checks }) => checks.map(({ name, family }) => [name, family])),
    );
    const vague = reports.flatMap(({ connection, findings }) =>
      findings.filter(({ code, file, line, path }) => {
        if (!file?.startsWith(`${connection}/`)) return true;
        // A function that is nowhere has no line, nor has a file.
        if (code === 'entry_missing' || code === 'script_unusable') return false;
        return path === undefined && (line === undefined || families.get(code) === 'settings');
      }),
    );
    expect(vague).toEqual([]);
  });

  test('the report for people tells a fault once, with each place, and how many connections are ready', () => {
    const report = reports.find(({ connection }) => connection === 'outage-reported-as-not-found')!;
    const lines = stripVTControlCharacters(readinessText(report)).split('\n');
    const beginning = (text: string) => lines.filter((line) => line.trimStart().startsWith(text));
    expect(beginning('✗').length).toBe(1);
    expect(beginning('fix: ').length).toBe(1);
    expect(beginning('outage-reported-as-not-found/fixtures.yaml:').length).toBe(report.findings.length);
    expect(
      beginning('outage-reported-as-not-found/fixtures.yaml:14: the case "finds Jane by user_id"'),
    ).toHaveLength(1);
    const ready = reports.filter((each) => each.ready).length;
    expect(stripVTControlCharacters(readinessSummary(reports))).toBe(
      `${reports.length} connections: ${ready} ready, ${reports.length - ready} not ready\n`,
    );
  });
});

test.each(tenantFaults)('%s is found in the tenant that has it, and nothing else', async (name) => {
  const { reports } = await check(`${tenants}/${name}`);
  expect(reports.map(codesIn)).toEqual([[plantedIn(name)]]);
});
