/** Fewer characters of base64 are found in what has nothing to do with the secret. */
const BASE64_PIECE_MIN = 6;
/** Certificates and the like: what writes them in another way writes more than a message holds. */
const RESPELT_MAX = 8_192;

/**
 * How a text may appear in a message that a library has made of it: in JSON, URLs and forms, HTML, SQL and quotes, Basic
 * authentication, as bytes. Not what only somebody who means to hide it would write, such as its characters reversed: a
 * script that wants to give a secret away can use any cipher.
 */
export function spellings(value: string): Set<string> {
  const all = new Set([value, JSON.stringify(value).slice(1, -1)]);
  const bytes = Buffer.from(value);
  all.add(bytes.toString('base64')).add(bytes.toString('base64url'));
  for (const piece of withinBase64(bytes)) {
    if (piece.length < BASE64_PIECE_MIN) continue;
    all.add(piece).add(piece.replaceAll('+', '-').replaceAll('/', '_'));
  }
  if (value.length > RESPELT_MAX) return all;
  for (const spelling of [...escaped(value), ...ofUrls(value), ...ofBytes(bytes)]) all.add(spelling);
  return all;
}

function escaped(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    ascii,
    JSON.stringify(json).slice(1, -1),
    ascii.replaceAll('/', '\\/'),
    json.replaceAll('/', '\\/'),
    html.replaceAll('"', '&quot;'),
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    value.replaceAll("'", "''"),
    value.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
  ];
}

function ofUrls(value: string): string[] {
  if (!value.isWellFormed()) return [];
  const component = encodeURIComponent(value);
  const strict = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const once = [component, strict, form, encodeURI(value)];
  const lower = once.map((text) => text.replace(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase()));
  return [...once, ...lower, encodeURIComponent(component)];
}

/** Hexadecimal, as the console shows a Buffer, and as JSON does. */
function ofBytes(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  return [hex, hex.toUpperCase(), hex.replace(/..\B/g, '$& '), bytes.join(','), bytes.join(', ')];
}

/** What base64 makes of it where something comes before and after, as in `user:password`: by where it begins. */
function withinBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const ofOthers = before === 0 ? 0 : before + 1;
    return (before + bytes.length) % 3 === 0
      ? whole.slice(ofOthers)
      : whole.replace(/=+$/, '').slice(ofOthers, -1);
  });
}
