const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = `${octet}(?:\\.${octet}){3}`;
const isV4 = new RegExp(`^${ipv4}$`);
const isGroup = /^[0-9a-f]{1,4}$/i;

export function isIPv4(text: unknown): boolean {
  return isV4.test(String(text));
}

/** RFC 4291, section 2.2, with a zone id as node:net takes it. */
export function isIPv6(text: unknown): boolean {
  const address = String(text).replace(/%[0-9a-zA-Z-.:]+$/, '');
  const halves = address.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') continue;
    const parts = half.split(':');
    const last = parts.at(-1) ?? '';
    // An IPv4 address may stand for the last two groups.
    if (index === halves.length - 1 && isIPv4(last)) {
      parts.pop();
      groups += 2;
    }
    if (!parts.every((part) => isGroup.test(part))) return false;
    groups += parts.length;
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

export function isIP(text: unknown): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}
