/** An address without credentials, a query or anything that could be a token: without it no request can be told. */
const plainUrl = /^https?:\/\/[\w.:-]+(?:\/[\w.-]{0,16})*$/;

export const isPlainUrl = (value: string): boolean => plainUrl.test(value);

/** The values of a configuration that messages must not show. */
export function withoutPlainUrls(configuration: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(configuration).filter(([, value]) => !isPlainUrl(value)));
}
