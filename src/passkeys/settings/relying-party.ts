const hostName = /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * `co.uk` and its like, under which anybody may register. Not the whole of the Public Suffix List, which browsers go
 * by: what it lists beyond these two forms passes here.
 */
const registry = /^((co|com|org|net|gov|edu|ac)\.)?[a-z]{2}$/;

/**
 * Why an identifier cannot be the relying party of pages at `domain`: it must be the domain or a registrable domain
 * above it (WebAuthn Level 2 §5.1.2, HTML "is a registrable domain suffix of or is equal to"). Undefined where it can.
 */
export function relyingPartyMistake(identifier: string, domain: string): string | undefined {
  const id = identifier.toLowerCase();
  const at = domain.toLowerCase();
  if (!hostName.test(id)) return 'is no host name; write it without scheme, port and path';
  if (id === at) return undefined;
  if (!at.endsWith(`.${id}`)) return 'is neither that domain nor one above it';
  if (!id.includes('.') || registry.test(id)) return 'is not registrable: everybody may have a name under it';
  return undefined;
}
