import { getDomain } from 'tldts';

const hostName = /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * Why an identifier cannot be the relying party of pages at `domain`: it must be the domain or a registrable domain
 * above it (WebAuthn Level 2 §5.1.2, HTML "is a registrable domain suffix of or is equal to", which goes
 * by the Public Suffix List). Undefined where it can.
 */
export function relyingPartyMistake(identifier: string, domain: string): string | undefined {
  const id = identifier.toLowerCase();
  const at = domain.toLowerCase();
  if (!hostName.test(id)) return 'is no host name; write it without scheme, port and path';
  if (id === at) return undefined;
  if (!at.endsWith(`.${id}`)) return 'is neither that domain nor one above it';
  if (getDomain(id, { allowPrivateDomains: true }) === null)
    return 'is not registrable: everybody may have a name under it';
  return undefined;
}
