import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ScriptEntry } from '../../sandbox/contract/definition.ts';
import { type ModuleTable, resolveModule } from '../../sandbox/contract/modules.ts';
import { nearestModule } from '../../sandbox/contract/nearest-module.ts';
import { parameterNames } from './contracts.ts';
import { type FoundEntry, findEntryIn } from './find-entry.ts';
import type { RelativeRequire } from './find-requires.ts';
import { globalWarnings, namesToLookFor } from './legacy-globals.ts';
import { type ParsedSource, parseSource, type SyntaxProblem } from './parse-source.ts';

export interface ScriptWarning {
  code:
    | 'parameter_mismatch'
    | 'entry_without_context'
    | 'entry_expects_context'
    | 'module_version'
    | 'module_unknown'
    | 'legacy_global';
  message: string;
  /** 1-based; where it is about a place. */
  line?: number;
}

export interface AnalysedScript {
  entry: ScriptEntry;
  /** Of modules. */
  requires: string[];
  /** Of files. */
  relative: RelativeRequire[];
  arguments: 'context' | 'plain';
  warnings: ScriptWarning[];
}

export interface AnalyseOptions {
  /** The connection's `enable_script_context`. */
  contextEnabled: boolean;
  modules: ModuleTable;
}

/** What the service must know of a script to run it, and what its author should know. Runs nothing. */
export function analyseScript(
  source: string,
  action: ActionName,
  options: AnalyseOptions,
): AnalysedScript | { problem: SyntaxProblem } {
  const parsed = parseSource(source);
  return 'problem' in parsed ? parsed : analyseParsed(parsed, action, options);
}

/** As `analyseScript`, of a source that is parsed already. */
export function analyseParsed(
  parsed: ParsedSource,
  action: ActionName,
  { contextEnabled, modules }: AnalyseOptions,
): AnalysedScript | { problem: SyntaxProblem } {
  const found = findEntryIn(parsed, action, namesToLookFor(modules));
  if ('problem' in found) return found;
  const form = argumentForm(found, action, contextEnabled);
  return {
    entry: found.entry,
    requires: found.requires.map(({ request }) => request),
    relative: found.relative,
    arguments: form,
    warnings: [
      ...parameterWarnings(found, action, contextEnabled, form),
      ...moduleWarnings(found, modules),
      ...globalWarnings(found, modules),
    ],
  };
}

/**
 * With the context object, an entry that declares exactly the parameters of the contract without it is called without
 * it: the documented create sample for passkeys is written so. Any other number gets the full contract's arguments.
 */
function argumentForm(
  { parameters }: FoundEntry,
  action: ActionName,
  contextEnabled: boolean,
): 'context' | 'plain' {
  if (!contextEnabled) return 'plain';
  return parameters === parameterNames(action, 'plain').length ? 'plain' : 'context';
}

function parameterWarnings(
  { parameters }: FoundEntry,
  action: ActionName,
  contextEnabled: boolean,
  form: 'context' | 'plain',
): ScriptWarning[] {
  const full = parameterNames(action, 'context');
  const called = parameterNames(action, form);
  if (contextEnabled && form === 'plain') {
    const consequence =
      action === 'get_user'
        ? ' It is never run for a lookup by user_id, because it could not tell the two lookups apart.'
        : '';
    const message = `The entry declares no context object and is called without it; write (${full.join(', ')}).${consequence}`;
    return [{ code: 'entry_without_context', message }];
  }
  if (parameters === 'unknown' || parameters === called.length) return [];
  if (!contextEnabled && parameters === full.length) {
    const message = `The entry declares a context object, but options.enable_script_context is off: it is called with (${called.join(', ')}).`;
    return [{ code: 'entry_expects_context', message }];
  }
  const message = `The entry declares ${parameters} parameter${parameters === 1 ? '' : 's'}; it is called with ${called.length}: (${called.join(', ')}).`;
  return [{ code: 'parameter_mismatch', message }];
}

const BEFORE_LIST = ' There are: ';

/** The message of a `module_unknown` without the hundred names that would do. */
export const withoutModuleList = (message: string): string => message.split(BEFORE_LIST)[0]!;

export function moduleWarnings(
  { requires }: Pick<FoundEntry, 'requires'>,
  modules: ModuleTable,
): ScriptWarning[] {
  return requires.flatMap(({ request, line }): ScriptWarning[] => {
    const module = resolveModule(request, modules);
    if ('missing' in module) {
      const nearest = nearestModule(request, module.available);
      const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
      const message = `require('${request}') will fail: there is no such module.${hint}${BEFORE_LIST}${module.available.join(', ')}`;
      return [{ code: 'module_unknown', message, line }];
    }
    return module.warning === undefined ? [] : [{ code: 'module_version', message: module.warning, line }];
  });
}
