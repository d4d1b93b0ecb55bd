import type { RequestHandler } from 'express';
import { isLoopback } from '../config-fields.ts';
import { ServiceError } from '../errors.ts';
import type { Scope } from '../keys/api-key.ts';
import type { KeyRing, Principal } from '../keys/key-ring.ts';
import { callOf } from './call.ts';

/**
 * Without a key the API is open to this machine. A page in a browser on it could reach the port under a name of
 * its own that resolves to 127.0.0.1 (DNS rebinding); the Host header gives that away.
 */
function refuseForeignHosts(): (host: string | undefined) => void {
  // Callers say the same name each time; parsing it for each request showed in profiles.
  let accepted: string | undefined;
  return (host = '') => {
    if (host === accepted) return;
    const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    if (!isLoopback(name)) {
      throw new ServiceError('forbidden', {
        detail: 'Without an API key the service answers only requests addressed to localhost or 127.0.0.1',
      });
    }
    accepted = host;
  };
}

/** Throws unauthorized and forbidden. */
export function authorize(scope: Scope, { keys, tenant }: { keys: KeyRing; tenant: string }): RequestHandler {
  const refuseForeignHost = refuseForeignHosts();
  return (req, res, next) => {
    if (keys.open) refuseForeignHost(req.headers.host);
    const principal = keys.authenticate(req.headers.authorization);
    callOf(res).principal = principal;
    if (principal.tenant !== tenant) {
      throw new ServiceError('forbidden', { detail: 'The API key belongs to another tenant' });
    }
    requireScope(principal, scope);
    next();
  };
}

/** Throws forbidden. */
export function requireScope(principal: Principal | undefined, scope: Scope): void {
  if (principal?.scopes.has(scope)) return;
  throw new ServiceError('forbidden', { detail: `The API key lacks the scope ${scope}` });
}
