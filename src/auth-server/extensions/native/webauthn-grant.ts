import type { Request } from 'express';
import type { TokenEndpointGrantContext } from 'oidc-provider';
import type { Domain } from '../../parts.ts';
import { type ExchangeCall, exchangeParameters, exchangePasskey } from './exchange.ts';
import { issueTokens } from './issue-tokens.ts';
import { answerOf } from './native-error.ts';
import type { NativeParts } from './native-parts.ts';
import { webauthnGrant } from './webauthn-grant-type.ts';

/** The exchange of a native passkey response for tokens; oidc-provider has authenticated the application. */
export function registerWebauthnGrant(parts: NativeParts, domain: Domain): void {
  // `audience` is taken and means nothing: access tokens are for this server's own userinfo.
  const parameters = [...exchangeParameters, 'scope', 'audience'];
  domain.provider.registerGrantType(webauthnGrant, (context) => exchange(parts, domain, context), parameters);
}

async function exchange(
  parts: NativeParts,
  domain: Domain,
  context: TokenEndpointGrantContext,
): Promise<void> {
  const { client: authenticated, params } = context.oidc;
  const client = parts.settings.clients.find(({ client_id }) => client_id === authenticated.clientId)!;
  // oidc-provider is handed Express's own request.
  const call: ExchangeCall = { parts, domain, client, req: context.req as Request, login: {} };
  try {
    const user = await exchangePasskey(call, params);
    context.body = await issueTokens(context, user, call.login.organization);
  } catch (error) {
    const answer = answerOf(error);
    if (!answer) parts.onFault(error);
    context.status = answer?.status ?? 500;
    context.body = answer?.body ?? { error: 'server_error' };
  }
}
