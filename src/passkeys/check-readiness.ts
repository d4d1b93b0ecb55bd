import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { type BehaviourCode, behaviourCodes } from './behaviour/behaviour-codes.ts';
import type { Finding } from './finding.ts';
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
import { type SourceCode, sourceCodes } from './source/source-codes.ts';
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
  const { options } = connection;
  const inSource = findInSource(connection, modules);
  const scripts = withoutTold(connection.scripts, inSource ?? []);
  const parts: FamilyVerdicts[] = [
    {
      family: 'settings',
      codes: settingsCodes,
      verdicts: { ...checkSettings({ file, options, scripts, tenant }), ...ignored.verdicts },
    },
    { family: 'source', codes: sourceCodes, verdicts: sourceVerdicts(inSource) },
    ...(behaviour
      ? [{ family: 'behaviour' as const, codes: behaviourCodes, verdicts: behaviour.verdicts }]
      : []),
  ];
  const report = buildReport(connection.name, parts, ignored);
  return behaviour?.notes?.length ? { ...report, notes: behaviour.notes } : report;
}

/** To read large scripts takes a while, and a connection never changes: what has changed is another object. */
const alreadyFound = new WeakMap<CheckedConnection, Finding<SourceCode>[]>();

/** Nothing where no script is run. */
function findInSource(
  connection: CheckedConnection,
  modules: ModuleTable,
): Finding<SourceCode>[] | undefined {
  const { name, options, definition, configurationKeys, scripts } = connection;
  const store = storeOf(options);
  if (store === 'server') return undefined;
  const known = alreadyFound.get(connection);
  if (known) return known;
  const findings = checkSource({
    name,
    contextEnabled: options.enable_script_context === true,
    scripts: [...definition.scripts, ...unusableScripts(scripts)].map(({ action, file, source }) => ({
      action,
      file,
      source,
    })),
    helpers: helpersOf(definition),
    modules,
    configurationKeys,
    importMode: store === 'importing',
  });
  // One that is named and cannot be read is not missing.
  const found = findings.filter(
    ({ code, script }) => code !== 'script_missing' || !script || !scripts[script],
  );
  alreadyFound.set(connection, found);
  return found;
}

function unusableScripts(scripts: CheckedConnection['scripts']) {
  const entries = Object.entries(scripts) as [ActionName, CheckedScript | undefined][];
  return entries.flatMap(([action, script]) =>
    script?.problem && script.source !== undefined
      ? [{ action, file: script.file, source: script.source }]
      : [],
  );
}

function sourceVerdicts(findings: Finding<SourceCode>[] | undefined): Record<SourceCode, Verdict> {
  const codes = Object.keys(sourceCodes) as SourceCode[];
  const verdictOf = (code: SourceCode): Verdict => {
    if (!findings) return unknown('the own database is off: the scripts are not run');
    return failedBy(findings.filter((each) => each.code === code).map(({ code: _, ...finding }) => finding));
  };
  return Object.fromEntries(codes.map((code) => [code, verdictOf(code)])) as Record<SourceCode, Verdict>;
}

/** Without the problems that the source is told to have: they would be there twice. */
function withoutTold(
  scripts: CheckedConnection['scripts'],
  findings: readonly Finding<SourceCode>[],
): CheckedConnection['scripts'] {
  const told = new Set(
    findings.flatMap(({ code, script }) =>
      code === 'script_unparsable' || code === 'entry_missing' ? [script] : [],
    ),
  );
  const entries = Object.entries(scripts) as [ActionName, CheckedScript][];
  return Object.fromEntries(
    entries.map(([action, script]) => [action, told.has(action) ? { file: script.file } : script]),
  );
}

/** A file that two sets share is there once. */
/** One file may be in several sets, in several versions: each version once. */
export function helpersOf({ helperSets = [] }: Pick<CheckedConnection['definition'], 'helperSets'>) {
  const versions = helperSets.flat().map((helper) => [`${helper.file}\n${helper.source}`, helper] as const);
  return [...new Map(versions).values()];
}
