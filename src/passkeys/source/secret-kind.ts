/** What kind of secret a text is by its form alone; none for what merely might be one. */
export function secretKind(text: string): string | undefined {
  return known.find(({ form, value }) => {
    const match = form.exec(text);
    return match !== null && !isPlaceholder(match[value ?? 0] ?? '');
  })?.kind;
}

const known: { kind: string; form: RegExp; value?: number }[] = [
  { kind: 'a private key', form: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/ },
  { kind: 'a payment provider’s key', form: /\b[sr]k_(?:live|test)_[0-9A-Za-z]{8,}/ },
  { kind: 'a cloud access key', form: /\bA(?:KIA|SIA)[0-9A-Z]{16}\b/ },
  { kind: 'a cloud API key', form: /\bAIza[0-9A-Za-z_-]{30,}/ },
  {
    kind: 'an access token',
    form: /\b(?:gh[pousr]_[0-9A-Za-z]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_\w{30,})/,
  },
  { kind: 'a chat token', form: /\bxox[abprs]-[0-9A-Za-z-]{10,}/ },
  { kind: 'a mail provider’s key', form: /\bSG\.[\w-]{16,}\.[\w-]{16,}/ },
  { kind: 'a JSON Web Token', form: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/ },
  {
    kind: 'a connection string with a password',
    form: /\b[a-z][a-z\d+]*:\/\/[^\s:/@'"<]*:([^\s:/@<]+)@/i,
    value: 1,
  },
  { kind: 'a bearer token', form: /^(?:authorization:\s*)?Bearer\s+([\w.~+/=-]{8,})$/i, value: 1 },
  { kind: 'credentials', form: /^(?:authorization:\s*)?Basic\s+([\w+/=]{8,})$/i, value: 1 },
  {
    // Not of an SQL statement: `SET password = $1`.
    kind: 'a connection string with a password',
    form: /^(?=.{0,500}\b(?:server|host|data source|user id|uid|database)\s?=).{0,500}\b(?:password|pwd)\s?=\s?([^;\s:@$?{('"][^;\s]{2,})\s?(?:;|$)/i,
    value: 1,
  },
];

const secretName =
  /pass(?:word|wd|phrase|code)|pwd|secret|api_?-?key|access_?-?key|private_?-?key|auth_?-?token|access_?-?token|api_?-?token|bearer|^token$|connection_?-?string|signing_?-?key/i;

/** Names that speak of a secret without holding one: of a column, a header, an address, a message. */
const notTheSecret =
  /(?:column|field|header|name|label|url|uri|path|policy|type|error|message|hint|regex|pattern|prefix|length|hash|param)s?$/i;

export function isSecretName(name: string): boolean {
  return secretName.test(name) && !notTheSecret.test(name);
}

/** `beside`: it stands with a user or a host, as in the credentials of a database. */
export function looksSecret(text: string, name: string, { beside }: { beside: boolean }): boolean {
  if (isPlaceholder(text) || text.toLowerCase() === name.toLowerCase() || isHash(text)) return false;
  if (/\s/.test(text)) return false;
  if (beside) return text.length > 0;
  const isWords =
    /^[a-z]+(?:[_.:-][a-z]+)*[_.:-]?v?\d{0,2}$/i.test(text) || /^[a-z]+(?:[A-Z][a-z]+)*$/.test(text);
  if (isWords || text.length < 8 || /^(?:https?:|\/|\$\{|[#.]\w+$)/.test(text)) return false;
  return /[a-z]/i.test(text) && /\d/.test(text) && entropyOf(text) >= 2.5;
}

/** What is to be replaced before the script can work, as markers are. */
function isPlaceholder(text: string): boolean {
  return (
    text === '' ||
    /^(?:@@.*@@|##.*##|<.*>|\{\{.*\}\}|\$\{.*\}|%.*%|\[.*\])$/s.test(text) ||
    /change[-_ ]?me|replace[-_ ]?me|your[-_ ]|^your|placeholder|redacted|example|dummy|todo/i.test(text) ||
    /^(.)\1*$/.test(text)
  );
}

function isHash(text: string): boolean {
  return /^\$(?:2[abxy]?|argon2\w*|scrypt|pbkdf2\S*|[156y])\$/.test(text);
}

/** Bits for each character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / text.length) * Math.log2(count / text.length);
  return entropy;
}
