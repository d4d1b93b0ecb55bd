import express, { type Request, type RequestHandler, type Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import type { ConnectionSettings, Organization } from '../../bridge/bridge-client.ts';
import { connectionOf, passkeysOffered } from '../../login/connection.ts';
import { tell, tellFailure } from '../../login/tell.ts';
import type { Domain, EventContext } from '../../parts.ts';
import type { AuthServerSettings, ClientSettings } from '../../settings.ts';
import { allowOrigin, answerPreflight, checkOrigin } from './cors.ts';
import { authenticateClient, checkMayUsePasskeys } from './native-client.ts';
import { answerOf, NativeError } from './native-error.ts';
import type { NativeParts } from './native-parts.ts';

/** One request of an application that shows its own pages. */
export interface NativeCall extends EventContext {
  parts: NativeParts;
  client: ClientSettings;
  connection: ConnectionSettings;
  body: unknown;
  organization: Organization | undefined;
}

type Purpose = 'register' | 'login';

/** From one address: people behind one router sign up and log in, too. */
const callsPerMinute = { points: 100, duration: 60 };
const json = express.json({ limit: '100kb' });
const Common = z.object({ realm: z.string().optional(), organization: z.string().optional() });

/** What `take` returns is the answer: JSON that nobody keeps. */
export function nativeCall(
  parts: NativeParts,
  purpose: Purpose,
  take: (call: NativeCall) => Promise<object>,
): RequestHandler {
  const limiter = new RateLimiterMemory(callsPerMinute);
  const { settings, onFault } = parts;
  return async (req, res) => {
    const domain = res.locals.domain as Domain;
    const told: EventContext = { parts, domain, req, client: undefined, login: {} };
    allowOrigin(req, res, settings.clients);
    if (req.method === 'OPTIONS') return answerPreflight(req, res);
    try {
      if (req.method !== 'POST') throw new NativeError(405, 'invalid_request', 'Send a POST');
      await limitCalls(limiter, req, res);
      await readJson(req, res);
      const client = authenticateClient(settings.clients, req.body);
      told.client = client;
      checkOrigin(req, res, client, domain.origin);
      checkMayUsePasskeys(client);
      const common = parseBody(Common, req.body);
      checkRealm(common.realm, settings);
      const organization = findOrganization(common.organization, parts.organizations);
      if (organization) told.login.organization = organization;
      const connection = await connectionOf(parts);
      checkPasskeysOffered(connection);
      const answer = await take({ ...told, parts, client, connection, organization, body: req.body });
      tell(told, 'passkey_challenge_started', { details: { purpose } });
      res.json(answer);
    } catch (error) {
      const { status, body } = answerOf(error) ?? { status: 500, body: { error: 'server_error' } };
      if (status === 500) onFault(error);
      // A flood is not to flood the log.
      if (status !== 429) tellFailure(told, 'passkey_challenge_failed', error, { purpose });
      res.status(status).json(body);
    }
  };
}

/** Throws NativeError that names the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'The body';
  throw new NativeError(400, 'invalid_request', `${field}: ${issue?.message}`);
}

/** There is one directory; an application may name it. */
export function checkRealm(realm: string | undefined, { bridge: { connection } }: AuthServerSettings): void {
  if (realm === undefined || realm === connection) return;
  throw new NativeError(
    400,
    'invalid_request',
    `realm: there is "${connection}" only; leave it out or name it`,
  );
}

export function checkPasskeysOffered(connection: ConnectionSettings): void {
  if (passkeysOffered(connection)) return;
  throw new NativeError(
    403,
    'access_denied',
    'The connection has authentication_methods.passkey switched off',
  );
}

function findOrganization(
  named: string | undefined,
  organizations: readonly Organization[],
): Organization | undefined {
  if (named === undefined) return undefined;
  const found = organizations.find(({ id, name }) => id === named || name === named);
  if (!found)
    throw new NativeError(400, 'invalid_request', 'organization: there is none with this id or name');
  return found;
}

async function limitCalls(limiter: RateLimiterMemory, { ip = '' }: Request, res: Response): Promise<void> {
  try {
    await limiter.consume(ip);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    res.setHeader('retry-after', Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
    throw new NativeError(429, 'too_many_requests', 'Too many calls came from this address. Wait a minute');
  }
}

/** A form or text, which any page may send unasked, is no JSON. */
export async function readJson(req: Request, res: Response): Promise<void> {
  if (!req.is('application/json'))
    throw new NativeError(400, 'invalid_request', 'Send JSON, with content-type application/json');
  await new Promise<void>((resolve, reject) => {
    json(req, res, (error?: { status?: number }) => {
      if (!error) return resolve();
      const isTooLarge = error.status === 413;
      const sentence = isTooLarge ? 'The body has more than 100 KB' : 'The body is not valid JSON';
      reject(new NativeError(isTooLarge ? 413 : 400, 'invalid_request', sentence));
    });
  });
}
