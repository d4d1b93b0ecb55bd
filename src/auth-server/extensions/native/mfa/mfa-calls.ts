import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { tellFailure } from '../../../login/tell.ts';
import type { OneTimeCodes } from '../../post-login/one-time-codes.ts';
import { checkOrigin } from '../cors.ts';
import { jsonCall } from '../json-call.ts';
import { nameClient } from '../native-client.ts';
import type { NativeParts } from '../native-parts.ts';
import { parseBody } from '../read-body.ts';
import { type AuthenticatorCall, associate, challenge, listAuthenticators } from './authenticators.ts';
import { openMfaToken } from './mfa-token.ts';

interface MfaCall {
  method: 'GET' | 'POST';
  tokenOf(req: Request): string;
  answer(call: AuthenticatorCall): object;
}

/** Auth0's MFA API, as far as codes of authenticator apps go: what the holder of an `mfa_token` may ask. */
export function mfaCalls(parts: NativeParts, codes: OneTimeCodes): [path: string, RequestHandler][] {
  const { clients } = parts.settings;
  const call = ({ method, tokenOf, answer }: MfaCall): RequestHandler =>
    jsonCall(parts, {
      method,
      isBearer: tokenOf === bearerToken,
      async take(about, req, res) {
        const { host, origin } = about.domain;
        const named = nameClient(clients, req.body);
        const session = openMfaToken(parts.mfaSessions, tokenOf(req), { host, client: named });
        const client = clients.find(({ client_id }) => client_id === session.clientId)!;
        Object.assign(about, { login: session.login, client });
        checkOrigin(req, res, client, origin);
        return answer({ codes, login: session.login, body: req.body });
      },
      tellFailed: (about, error) => tellFailure(about, 'gd_auth_failed', error),
    });
  return [
    ['/mfa/authenticators', call({ method: 'GET', tokenOf: bearerToken, answer: listAuthenticators })],
    ['/mfa/associate', call({ method: 'POST', tokenOf: bearerToken, answer: associate })],
    ['/mfa/challenge', call({ method: 'POST', tokenOf: namedToken, answer: challenge })],
  ];
}

/** Of none at all, as of one that nobody knows. */
const bearerToken = ({ headers }: Request) => /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

const Named = z.object({ mfa_token: z.string().min(1), client_id: z.string() });
const namedToken = ({ body }: Request) => parseBody(Named, body).mfa_token;
