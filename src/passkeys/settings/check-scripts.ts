import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { failedBy, type Verdict } from '../verdict.ts';
import { type SettingsInput, storeOf } from './settings.ts';

/** Users who are imported live in the auth server's own store, which makes new ones by itself. */
const needed: Record<ReturnType<typeof storeOf>, readonly ActionName[]> = {
  server: [],
  importing: ['login', 'get_user'],
  own: ['login', 'get_user', 'create'],
};

export function checkScripts({
  file,
  options,
  scripts,
}: SettingsInput): Record<'script_missing' | 'script_unusable', Verdict> {
  const store = storeOf(options);
  const missing = needed[store].filter((action) => !scripts[action]);
  const entries = Object.entries(scripts) as [ActionName, SettingsInput['scripts'][ActionName]][];
  const unusable = store === 'server' ? [] : entries.filter(([, script]) => script?.problem);
  return {
    script_missing: failedBy(
      missing.map((action) => ({
        file,
        path: `options.customScripts.${action}`,
        script: action,
        message: `There is no ${action} script`,
      })),
    ),
    script_unusable: failedBy(
      unusable.map(([action, script]) => {
        const { message, line } = script!.problem!;
        return {
          file: script!.problem!.file ?? script!.file,
          ...(line === undefined ? {} : { line }),
          script: action,
          message: `${action} cannot be loaded: ${message}`,
        };
      }),
    ),
  };
}
