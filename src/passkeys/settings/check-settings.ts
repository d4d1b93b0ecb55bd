import type { Verdict } from '../verdict.ts';
import { checkOptions } from './check-options.ts';
import { checkScripts } from './check-scripts.ts';
import { checkTenant } from './check-tenant.ts';
import type { SettingsInput } from './settings.ts';
import type { SettingsCode } from './settings-codes.ts';

/** All but those about what is ignored, which need to know every code. */
export type CheckedSettings = Exclude<SettingsCode, 'ignore_unknown_code' | 'ignore_without_reason'>;

/** What the options of a connection and the settings of its tenant say of passkeys. Reads no file and runs nothing. */
export function checkSettings(input: SettingsInput): Record<CheckedSettings, Verdict> {
  return { ...checkOptions(input), ...checkScripts(input), ...checkTenant(input.tenant) };
}
