import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { type BehaviourCode, behaviourCodes } from './behaviour/behaviour-codes.ts';
import { readIgnored } from './ignored-codes.ts';
import { buildReport, type FamilyVerdicts, type ReadinessReport } from './report.ts';
import { checkSettings } from './settings/check-settings.ts';
import {
  type CheckedScript,
  type PasskeyOptions,
  storeOf,
  type TenantSettings,
} from './settings/settings.ts';
import { settingsCodes } from './settings/settings-codes.ts';
import { checkSource } from './source/check-source.ts';
import { sourceCodes } from './source/source-codes.ts';
import { failedBy, unknown, type Verdict } from './verdict.ts';

/** What the checks read of a connection; one of the connection store is such. */
export interface CheckedConnection {
  name: string;
  options: PasskeyOptions;
  configurationKeys: readonly string[];
  scripts: Partial<Record<ActionName, CheckedScript>>;
  definition: {
    scripts: readonly { action: ActionName; file: string; source: string }[];
    helperSets?: readonly (readonly { file: string; source: string }[])[] | undefined;
  };
}

export interface ReadinessInput {
  connection: CheckedConnection;
  tenant: TenantSettings;
  modules: ModuleTable;
  /** Left out where nothing was to be run. */
  behaviour?: SeenBehaviour | undefined;
}

export interface SeenBehaviour {
  verdicts: Partial<Record<BehaviourCode, Verdict>>;
  notes?: readonly string[];
}

const everyCode: ReadonlySet<string> = new Set([
  ...Object.keys(settingsCodes),
  ...Object.keys(sourceCodes),
  ...Object.keys(behaviourCodes),
]);

/**
 * Whether passkeys will work on a connection, and what is in their way. Reads no file and runs no script: what was
 * seen of them running is given.
 */
export function checkReadiness({ connection, tenant, modules, behaviour }: ReadinessInput): ReadinessReport {
  const file = `${connection.name}/database.json`;
  const ignored = readIgnored(connection.options.passkey_readiness?.ignore, file, everyCode);
  const { options, scripts } = connection;
  const parts: FamilyVerdicts[] = [
    {
      family: 'settings',
      codes: settingsCodes,
      verdicts: { ...checkSettings({ file, options, scripts, tenant }), ...ignored.verdicts },
    },
    { family: 'source', codes: sourceCodes, verdicts: sourceVerdicts(connection, modules) },
    ...(behaviour
      ? [{ family: 'behaviour' as const, codes: behaviourCodes, verdicts: behaviour.verdicts }]
      : []),
  ];
  const report = buildReport(connection.name, parts, ignored);
  return behaviour?.notes?.length ? { ...report, notes: behaviour.notes } : report;
}

function sourceVerdicts(connection: CheckedConnection, modules: ModuleTable): Record<string, Verdict> {
  const { name, options, definition, configurationKeys } = connection;
  const codes = Object.keys(sourceCodes);
  const store = storeOf(options);
  if (store === 'server') {
    const verdict = unknown('the own database is off: the scripts are not run');
    return Object.fromEntries(codes.map((code) => [code, verdict]));
  }
  const findings = checkSource({
    name,
    contextEnabled: options.enable_script_context === true,
    scripts: definition.scripts.map(({ action, file, source }) => ({ action, file, source })),
    helpers: helpersOf(definition),
    modules,
    configurationKeys,
    importMode: store === 'importing',
  });
  return Object.fromEntries(
    codes.map((code) => [
      code,
      failedBy(findings.filter((each) => each.code === code).map(({ code: _, ...finding }) => finding)),
    ]),
  );
}

/** A file that two sets share is there once. */
function helpersOf({ helperSets = [] }: CheckedConnection['definition']) {
  return [...new Map(helperSets.flat().map((helper) => [helper.file, helper])).values()];
}
