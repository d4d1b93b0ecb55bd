import { coded } from './http-headers.ts';
import { parseUrl, type UrlLike } from './http-url.ts';

/** One request of a chain. */
export interface Hop {
  url: string;
  method: string;
  headers: Record<string, unknown>;
  /** Whether the request's body goes along. */
  withBody: boolean;
}

/**
 * The request after a redirect, by the rules of follow-redirects and of what axios adds to them: POST becomes GET at
 * 301 and 302, anything but GET and HEAD does at 303; credentials stay with the origin they were given for. Throws
 * RedirectionError as follow-redirects does.
 */
export function redirected(
  hop: Hop,
  status: number,
  location: string,
  auth: { origin: string; header: string } | undefined,
): Hop {
  const from = parseUrl(hop.url);
  const to = resolve(location, from);
  const headers = { ...hop.headers };
  let { method, withBody } = hop;
  if (((status === 301 || status === 302) && method === 'POST') || (status === 303 && !isSafe(method))) {
    method = 'GET';
    withBody = false;
    remove(headers, (name) => name.startsWith('content-'));
  }
  remove(headers, (name) => name === 'host' || name === 'proxy-authorization');
  const sameOrigin = to.origin === from.origin;
  if (!sameOrigin || auth) remove(headers, (name) => name === 'authorization');
  if (!sameOrigin) remove(headers, (name) => name === 'cookie');
  if (auth && to.origin === auth.origin) headers.Authorization = auth.header;
  return { url: to.href, method, headers, withBody };
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function resolve(location: string, from: UrlLike): UrlLike {
  let to: UrlLike;
  try {
    to = parseUrl(location, from.href);
  } catch (cause) {
    throw redirectionError(cause as Error);
  }
  if (to.protocol === 'http:' || to.protocol === 'https:') return to;
  throw redirectionError(new TypeError(`Unsupported protocol ${to.protocol}`));
}

function redirectionError(cause: Error): Error {
  return Object.assign(
    redirectFailure('ERR_FR_REDIRECTION_FAILURE', `Redirected request failed: ${cause.message}`),
    { cause },
  );
}

/** An error with the name that follow-redirects gives its own. */
export function redirectFailure(code: string, message: string): Error {
  return Object.assign(coded(code, message, Error), { name: `Error [${code}]` });
}

function remove(headers: Record<string, unknown>, matches: (name: string) => boolean): void {
  for (const name of Object.keys(headers)) if (matches(name.toLowerCase())) delete headers[name];
}
