import { isIP } from 'node:net';
import { z } from 'zod';
import { createSecret } from '../keys/secret.ts';
import { relyingPartyMistake } from '../passkeys/settings/relying-party.ts';

const noOrigin = 'must be an origin such as https://login.example.com, with no path';
/** `https://login.example.com`: scheme, host and perhaps a port, nothing after it. */
const origin = z
  .url({ protocol: /^https?$/, error: noOrigin, abort: true })
  .refine((text) => new URL(text).origin === text, noOrigin);

/** An origin, or that of an app on a phone. They are compared as text: one with a slash at its end would fit nothing. */
const allowedOrigin = z
  .string()
  .min(1)
  .refine((text) => !/^https?:/i.test(text) || origin.safeParse(text).success, noOrigin);

export const secret = z.string().min(16).transform(createSecret);

/** Settings of an object that has no others; whoever misspells one is told which there are. */
export const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `there is no ${keys?.map((key) => `"${key}"`).join(', ')}; there is ${Object.keys(shape).join(', ')}`
        : undefined,
  });

/** An application that logs its users in here; the names are those of OpenID Connect's client metadata. */
const Client = fields({
  client_id: z.string().min(1).max(128),
  client_name: z.string().min(1).max(128),
  /** Absent of public clients: applications on a phone or in a browser. */
  client_secret: z.string().min(16).optional(),
  redirect_uris: z.array(z.url()).default([]),
  /** Where a login of this application begins. Invitations lead there, too: it passes their parameters on. */
  initiate_login_uri: z.url().optional(),
  post_logout_redirect_uris: z.array(z.url()).default([]),
  /** Allowed Origins (CORS): pages of the application, and where its passkeys may be used. */
  allowed_origins: z.array(allowedOrigin).default([]),
  /** Extensions may know more of them. */
  grant_types: z.array(z.string().min(1)).default(['authorization_code', 'refresh_token']),
  is_first_party: z.boolean().default(true),
});

/** A domain that people log in at; each is an OpenID Provider of its own over the same users. */
const Domain = fields({
  origin,
  /** The domain's host when absent; a registrable parent domain otherwise. The panel can change it. */
  relying_party_identifier: z.string().toLowerCase().min(1).max(255).optional(),
}).superRefine(({ origin, relying_party_identifier: id }, context) => {
  const url = new URL(origin);
  const refuse = (name: string, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  const noPasskeys = whyNoPasskeys(url);
  if (noPasskeys !== undefined) return refuse('origin', noPasskeys);
  const mistake = id === undefined ? undefined : relyingPartyMistake(id, url.hostname);
  if (mistake === undefined) return;
  const message = `"${id}" ${mistake}; take ${url.hostname}, or a registrable domain above it`;
  refuse('relying_party_identifier', message);
});

/** Browsers make none there, and do not say why. */
function whyNoPasskeys({ protocol, hostname }: URL): string | undefined {
  if (isIP(hostname.replace(/[[\]]/g, '')) !== 0)
    return 'browsers make no passkeys at an IP address; take a host name, localhost on your own machine';
  if (protocol === 'http:' && !/(^|\.)localhost$/.test(hostname))
    return 'browsers make passkeys over https only, save at localhost; put TLS before it';
  return undefined;
}

const differIn =
  <Key extends string>(key: Key) =>
  (all: readonly Record<Key, string>[]) =>
    new Set(all.map((each) => each[key])).size === all.length;

export const AuthServerSettings = fields({
  bridge: fields({ url: origin, apiKey: secret.optional(), connection: z.string().min(1).max(128) }),
  /** The embedded database; made when it is not there. */
  databaseFile: z.string().min(1),
  eventsFile: z.string().min(1).optional(),
  name: z.string().min(1).max(64).default('Drawbridge'),
  /** The first is the one that is meant where none is named. */
  domains: z.array(Domain).min(1).refine(differIn('origin'), 'two have the same origin'),
  clients: z.array(Client).refine(differIn('client_id'), 'two have the same client_id'),
});
export type AuthServerSettings = z.infer<typeof AuthServerSettings>;
export type ClientSettings = AuthServerSettings['clients'][number];

/** A line for each setting that is wrong: `clients[0].client_secret: …`. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(mistakes: readonly string[]) {
    const [only] = mistakes;
    super(
      mistakes.length === 1
        ? only
        : `The settings are not valid:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`,
    );
  }
}

/** Throws SettingsError, which has no secrets in it: zod says what it expected, not what it got. */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  settings: z.input<Schema>,
): z.output<Schema> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'settings'}: ${message}`),
  );
}
