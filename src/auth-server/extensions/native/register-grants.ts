import type { Request } from 'express';
import type { TokenEndpointGrantContext } from 'oidc-provider';
import type { Domain } from '../../parts.ts';
import { exchangeParameters, exchangePasskey } from './exchange.ts';
import { mfaOtpGrant, webauthnGrant } from './grant-types.ts';
import { type Granted, issueTokens } from './issue-tokens.ts';
import { exchangeCode } from './mfa/exchange-code.ts';
import { answerOf } from './native-error.ts';
import type { ExchangeCall, NativeParts } from './native-parts.ts';

type Exchange = (call: ExchangeCall, parameters: object) => Promise<Granted>;

/** What is exchanged for tokens at the token endpoint; oidc-provider has authenticated the application. */
export function registerGrants(parts: NativeParts, domain: Domain): void {
  const register = (grant: string, parameters: string[], exchange: Exchange) =>
    domain.provider.registerGrantType(
      grant,
      (context) => answer(parts, domain, context, exchange),
      parameters,
    );
  // `audience` is taken and means nothing: access tokens are for this server's own userinfo.
  register(webauthnGrant, [...exchangeParameters, 'scope', 'audience'], exchangePasskey);
  // Whatever else is sent along was said at the exchange of the passkey.
  if (parts.codes) register(mfaOtpGrant, ['mfa_token', 'otp'], exchangeCode);
}

async function answer(
  parts: NativeParts,
  domain: Domain,
  context: TokenEndpointGrantContext,
  exchange: Exchange,
): Promise<void> {
  const { client: authenticated, params } = context.oidc;
  const client = parts.settings.clients.find(({ client_id }) => client_id === authenticated.clientId)!;
  // oidc-provider is handed Express's own request.
  const call: ExchangeCall = { parts, domain, client, req: context.req as Request, login: {} };
  try {
    context.body = await issueTokens(context, await exchange(call, params));
  } catch (error) {
    const refusal = answerOf(error);
    if (!refusal) parts.onFault(error);
    context.status = refusal?.status ?? 500;
    context.body = refusal?.body ?? { error: 'server_error' };
  }
}
