import type { ActionName } from '../../sandbox/contract/actions.ts';

/** What of a script's input must not be told: in clear they are in the input alone. */
export interface SecretInputs {
  passwords: string[];
  /** Credential ids, public keys, attestations, client data, user handles and what else a passkey signup brings. */
  passkeys: string[];
}

const passwordKey = /passw(?:or)?d|passphrase|^pwd$/i;
const passkeyKey =
  /passkey|credential|attestation|assertion|client_?data|authenticator_?data|signature|public_?key|user_?handle|raw_?id|challenge/i;
/** Below it are words like `required` and `public-key`; the shortest credential id has 22 characters. */
const PASSKEY_TEXT_MIN = 16;
const DEEPEST = 12;

/** Plaintext passwords, and whatever stands below a field that is named after a part of WebAuthn. */
export function secretInputs(action: ActionName, input: object): SecretInputs {
  const passwords = new Set<string>();
  const passkeys = new Set<string>();
  if (action === 'create') collect((input as { user?: unknown }).user, undefined, 0);
  else collect(input, undefined, 0);
  const user = (input as { user?: Record<string, unknown> }).user ?? {};
  // A passkey's options name the user as the signup does, and an email is no secret of the passkey.
  for (const name of ['email', 'username', 'phone_number']) passkeys.delete(String(user[name]));
  return { passwords: [...passwords], passkeys: [...passkeys] };

  function collect(value: unknown, kind: 'password' | 'passkey' | undefined, depth: number): void {
    if (typeof value === 'string') {
      if (kind === 'password' && value !== '') passwords.add(value);
      if (kind === 'passkey' && value.length >= PASSKEY_TEXT_MIN) passkeys.add(value);
      return;
    }
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
    for (const [key, inner] of Object.entries(value)) collect(inner, kindOf(key) ?? kind, depth + 1);
  }
}

function kindOf(key: string): 'password' | 'passkey' | undefined {
  if (passwordKey.test(key)) return 'password';
  return passkeyKey.test(key) ? 'passkey' : undefined;
}
