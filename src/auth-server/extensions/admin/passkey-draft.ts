import { z } from 'zod';
import { relyingPartyMistake } from '../../../passkeys/settings/relying-party.ts';
import type { ConnectionSettings } from '../../bridge/bridge-client.ts';
import type { Domain } from '../../parts.ts';
import type { PanelSettings } from './panel-settings.ts';

type Saved = PanelSettings['passkeyOptions'];
export type Options = { [Name in keyof Saved]-?: NonNullable<Saved[Name]> };

/** What stands in the form of the page "Passkeys". */
export interface Draft {
  options: Options;
  /** One for each domain, in their order. */
  relyingParties: string[];
}

export const optionNames = [
  'challenge_ui',
  'progressive_enrollment_enabled',
  'local_enrollment_enabled',
] as const;

/** With the defaults of what the connection leaves out. */
export const optionsOf = ({ passkey_options: given }: ConnectionSettings): Options => ({
  challenge_ui: given?.challenge_ui ?? 'both',
  progressive_enrollment_enabled: given?.progressive_enrollment_enabled ?? true,
  local_enrollment_enabled: given?.local_enrollment_enabled ?? true,
});

const box = z
  .literal('on')
  .optional()
  .transform((value) => value === 'on');
const Form = z.strictObject({
  challenge_ui: z.enum(['both', 'autofill', 'button']),
  progressive_enrollment_enabled: box,
  local_enrollment_enabled: box,
  rp_id: z.union([z.string().max(1000), z.array(z.string().max(1000))]),
  /** The sentences about passkeys that will be of no use, as they were read. */
  confirmed: z.string().optional(),
});

/** The form as it was sent, or undefined: then it is none of ours. An empty RP ID is the domain's own. */
export function readDraft(
  body: unknown,
  domains: readonly Domain[],
): { draft: Draft; confirmed: string | undefined } | undefined {
  const form = Form.safeParse(body);
  if (!form.success) return undefined;
  const { rp_id, confirmed, ...options } = form.data;
  const typed = [rp_id].flat().map((text) => text.trim().toLowerCase());
  if (typed.length !== domains.length) return undefined;
  const relyingParties = domains.map(({ ownRpId }, index) => typed[index] || ownRpId);
  return { draft: { options, relyingParties }, confirmed };
}

export const hostOf = ({ origin }: Domain) => new URL(origin).hostname;

export const mistakesOf = ({ relyingParties }: Draft, domains: readonly Domain[]): string[] =>
  domains.flatMap((domain, index) => {
    const id = relyingParties[index]!;
    const mistake = relyingPartyMistake(id, hostOf(domain));
    return mistake === undefined ? [] : [`The RP ID "${id}" for ${hostOf(domain)} ${mistake}.`];
  });

/** A sentence for each domain whose passkeys the draft makes unusable. `count`: passkeys by their RP ID. */
export const lossesOf = (
  { relyingParties }: Draft,
  domains: readonly Domain[],
  count: ReadonlyMap<string, number>,
): string[] =>
  domains.flatMap((domain, index) => {
    const before = domain.rpId();
    const lost = before === relyingParties[index] ? 0 : (count.get(before) ?? 0);
    if (lost === 0) return [];
    return [`${passkeys(lost)} made for ${before} will not work at ${hostOf(domain)} any more.`];
  });

export const passkeys = (count: number) => (count === 1 ? '1 passkey' : `${count} passkeys`);

/** What differs from the connection's file and the server's settings: nothing else is saved, so that the rest follows these. */
export function panelSettingsOf(
  { options, relyingParties }: Draft,
  connection: ConnectionSettings,
  domains: readonly Domain[],
): PanelSettings {
  const own = optionsOf(connection);
  const changed = optionNames.filter((name) => options[name] !== own[name]);
  return {
    passkeyOptions: Object.fromEntries(changed.map((name) => [name, options[name]])),
    relyingParties: Object.fromEntries(
      domains
        .map(({ origin, ownRpId }, index) => [origin, relyingParties[index]!, ownRpId] as const)
        .filter(([, id, ownRpId]) => id !== ownRpId)
        .map(([origin, id]) => [origin, id]),
    ),
  };
}
