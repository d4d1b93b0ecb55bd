import type { ConnectionDefinition } from '../../../sandbox/contract/definition.ts';
import type { SourceInput } from './check-source.ts';

/**
 * A loaded connection as the source checks take it; its settings come beside it. Markers of a loaded connection are
 * replaced already: a value from the environment that a script has by `@@KEY@@` is a secret in the source then. Who
 * has the files as they were written gives those.
 */
export function sourceInputOf(
  { name, scripts, helperSets, configuration }: ConnectionDefinition,
  settings: Pick<SourceInput, 'contextEnabled' | 'modules' | 'importMode'>,
): SourceInput {
  // One file may be in several sets, in several versions: each version once.
  const helpers = new Map((helperSets ?? []).flat().map((each) => [`${each.file}\n${each.source}`, each]));
  return {
    name,
    scripts,
    helpers: [...helpers.values()],
    configurationKeys: Object.keys(configuration),
    ...settings,
  };
}
