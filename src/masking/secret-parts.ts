/**
 * The passwords within a configuration value that is a connection string. A driver takes it apart, and what it says of
 * a failure may hold a part that a search for the whole would not find. Hosts and names are none of them: an error
 * that does not say which server did not answer helps nobody.
 */
export function secretParts(value: string): string[] {
  const parts = value.includes('://') ? ofUrl(value) : ofPairs(value);
  return [...new Set(parts.flatMap((part) => [part, decoded(part)]))];
}

/** `scheme://user:password@host/…?password=…`. Passwords that should have been escaped may hold a slash or an @. */
function ofUrl(value: string): string[] {
  const [, rest = ''] = value.split(/:\/\/(.*)/s);
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const passwords = [authority, rest].map((text) => /^[^:/?#@]*:(.*)@/s.exec(text)?.[1] ?? '');
  const query = [...rest.matchAll(/[?&][\w.-]{0,60}(?:pass|secret|token|key)[\w.-]{0,60}=([^&#]*)/gi)];
  return [...passwords, ...query.map(([, part = '']) => part)];
}

/**
 * `Server=…;Password=…` and `host=… password=…`; the value may be in quotes. All repeats are bounded, here and above:
 * a long value that is no connection string must not hold the service up.
 */
function ofPairs(value: string): string[] {
  const pairs = value.matchAll(
    /(?:^|[;\s])(?:password|passwd|pwd|[\w ]{0,60}(?:secret|accountkey|accesskey))\s{0,20}=\s{0,20}("[^"]*"|'[^']*'|[^;\s]*)/gi,
  );
  return [...pairs].flatMap(([, part = '']) => [part, part.replace(/^(["'])(.*)\1$/s, '$2')]);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
