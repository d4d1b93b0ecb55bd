const notInAByteString = /[^\t\x20-\x7e\x80-\xff]+/g;

/** As axios' toByteStringHeaderObject: what no header may hold is left out. */
export function bareHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  const bare: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    bare[name] = Array.isArray(value) ? value.map(bareValue) : bareValue(value);
  }
  return bare;
}

function bareValue(value: unknown): string {
  return String(value)
    .replace(notInAByteString, '')
    .replace(/^[\t ]+|[\t ]+$/g, '');
}

/** Name, value, name, value, as the host takes them. */
export function rawHeaders(headers: Record<string, unknown>): string[] {
  const raw: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!Array.isArray(value)) raw.push(name, value as string);
    else if (name.toLowerCase() === 'cookie') raw.push(name, value.join('; '));
    else for (const one of value) raw.push(name, one as string);
  }
  return raw;
}
