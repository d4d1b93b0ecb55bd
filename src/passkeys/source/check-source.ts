import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { ModuleTable } from '../../../sandbox/contract/modules.ts';
import { analyseParsedHelper } from '../../scripts/analyse-helper.ts';
import { analyseParsed, type ScriptWarning, withoutModuleList } from '../../scripts/analyse-script.ts';
import { parseHelper, parseSource } from '../../scripts/parse-source.ts';
import { readCallbackUses } from './callback-uses.ts';
import { checkCallbackPaths } from './check-callback-paths.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkCreate, checkLogged } from './check-create.ts';
import { checkInputInText } from './check-input-in-text.ts';
import { checkProfiles } from './check-profiles.ts';
import { findSecrets } from './check-secrets.ts';
import { checkIdentifierType, checkSignature } from './check-signature.ts';
import { mendSource } from './mend-source.ts';
import { readScopes } from './scopes.ts';
import type { SourceCode } from './source-codes.ts';
import { readSourceScript, type ScriptText, type SourceFinding } from './source-script.ts';
import { createValueFlow } from './value-flow.ts';

export interface SourceInput {
  /** The connection's. */
  name: string;
  /** `options.enable_script_context`. */
  contextEnabled: boolean;
  /** `file` as in stacks: `acme/get_user.js`. */
  scripts: readonly ScriptText[];
  /** Files that scripts require by relative paths. */
  helpers?: readonly { file: string; source: string }[] | undefined;
  modules: ModuleTable;
  /** Keys of `options.configuration`; without them none is looked for. */
  configurationKeys?: readonly string[] | undefined;
  /** Users are imported at their first login: Create is not asked for then. */
  importMode?: boolean | undefined;
}

/** What reading a connection's scripts tells of how they will do with passkeys. Runs nothing, and never throws. */
export function checkSource(input: SourceInput): SourceFinding[] {
  return [
    ...missingScripts(input),
    ...input.scripts.flatMap((script) => checkScript(script, input)),
    ...(input.helpers ?? []).flatMap((helper) => checkHelper(helper, input.modules)),
  ];
}

function missingScripts({ name, scripts, importMode }: SourceInput): SourceFinding[] {
  const needed: ActionName[] = importMode ? ['login', 'get_user'] : ['login', 'get_user', 'create'];
  return needed
    .filter((action) => !scripts.some((script) => script.action === action))
    .map((action) => ({
      code: 'script_missing',
      message: `${name} has no ${action} script`,
      script: action,
      file: `${name}/database.json`,
      path: `options.customScripts.${action}`,
    }));
}

function checkScript(script: ScriptText, input: SourceInput): SourceFinding[] {
  const parsed = parseSource(script.source);
  if ('problem' in parsed) {
    const { message, line } = parsed.problem;
    const { action, file } = script;
    return [{ code: 'script_unparsable', message, script: action, file, line }, ...checkMended(script)];
  }
  const { contextEnabled, modules } = input;
  const analysed = analyseParsed(parsed, script.action, { contextEnabled, modules });
  const read = readSourceScript(script, parsed);
  if ('problem' in analysed) return [read.finding('entry_missing', analysed.problem.message)];
  const uses = readCallbackUses(read);
  const flow = createValueFlow(read);
  const helpers = (input.helpers ?? []).map(({ source }) => source);
  const signature = checkSignature(read, contextEnabled);
  // Which parameter is the callback is not known then.
  const isAskew = signature.some(({ code }) => code === 'parameters_swapped');
  return inSourceOrder(
    [
      () => signature,
      () => checkIdentifierType(read, helpers),
      () => (isAskew ? [] : checkCallbackPaths(read, uses)),
      () => checkProfiles(read, uses, flow),
      () => checkCreate(read, uses),
      () => checkLogged(read),
      () => checkInputInText(read, flow),
      () =>
        findSecrets(read.scopes).map(({ message, node }) => read.finding('secret_in_source', message, node)),
      () => checkConfiguration(read, input.configurationKeys ?? []).filter(() => input.configurationKeys),
      () =>
        moduleFindings(analysed.warnings).map((found) => ({
          ...read.finding(found.code, found.message),
          ...found,
        })),
    ].flatMap(unlessTooDeep),
  );
}

/** Of a script that does not parse, what its lines say all the same: the rest would be guesswork. */
function checkMended(script: ScriptText): SourceFinding[] {
  const source = mendSource(script.source);
  const parsed = source === undefined ? undefined : parseSource(source);
  if (source === undefined || !parsed || 'problem' in parsed) return [];
  const read = readSourceScript({ ...script, source }, parsed);
  const flow = createValueFlow(read);
  const outages = () =>
    checkCallbackPaths(read, readCallbackUses(read)).filter(({ code }) => code === 'outage_as_not_found');
  return inSourceOrder([outages, () => checkInputInText(read, flow)].flatMap(unlessTooDeep));
}

function checkHelper(
  { file, source }: { file: string; source: string },
  modules: ModuleTable,
): SourceFinding[] {
  if (file.endsWith('.json')) return [];
  const parsed = parseHelper(source);
  if ('problem' in parsed) {
    return [{ code: 'script_unparsable', message: parsed.problem.message, file, line: parsed.problem.line }];
  }
  const { warnings } = analyseParsedHelper(parsed, modules);
  const secrets = findSecrets(readScopes(parsed.root)).map(({ message, node }): SourceFinding => {
    return { code: 'secret_in_source', message, file, line: parsed.placeOf(node).line };
  });
  const modulesFound = moduleFindings(warnings).map((found) => ({ ...found, file }));
  return inSourceOrder([...secrets, ...modulesFound]);
}

const ofWarning: Partial<Record<ScriptWarning['code'], SourceCode>> = {
  module_unknown: 'module_unavailable',
  module_version: 'module_version',
  legacy_global: 'legacy_global',
};

function moduleFindings(warnings: readonly ScriptWarning[]): SourceFinding[] {
  return warnings.flatMap(({ code, message, line }) => {
    const ours = ofWarning[code];
    if (!ours) return [];
    return [{ code: ours, message: withoutModuleList(message), ...(line === undefined ? {} : { line }) }];
  });
}

/** A source that nests deeper than the stack goes is left unjudged by the check that it is too deep for. */
function unlessTooDeep(check: () => SourceFinding[]): SourceFinding[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function inSourceOrder(findings: SourceFinding[]): SourceFinding[] {
  return findings.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
