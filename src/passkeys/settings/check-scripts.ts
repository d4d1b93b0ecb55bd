import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { failedBy, type Verdict } from '../verdict.ts';
import { type SettingsInput, storeOf } from './settings.ts';

/** Those that cannot be loaded; what is wrong with the text of one is told with the source. */
export function checkScripts({ options, scripts }: SettingsInput): Record<'script_unusable', Verdict> {
  const entries = Object.entries(scripts) as [ActionName, SettingsInput['scripts'][ActionName]][];
  const unusable = storeOf(options) === 'server' ? [] : entries.filter(([, script]) => script?.problem);
  return {
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
