import type { Hop } from './axios-redirect.ts';
import { parseUrl } from './http-url.ts';

/** The answer of the host's operation `http`. */
export interface HttpAnswer {
  status: number;
  statusText: string;
  /** Raw name, value, name, value. */
  headers: string[];
  /** What went wrong after the head. */
  broken?: { message: string; code?: string; maxBytes?: number; timedOut?: boolean };
}

/** `response.request`: the last request of the chain. */
export class SentRequest {
  readonly method: string;
  readonly aborted = false;
  readonly finished = true;
  readonly res: object | undefined;
  readonly #hop: Hop;

  constructor(
    hop: Hop,
    {
      redirects,
      credentials,
      answer,
    }: { redirects: number | undefined; credentials: string | undefined; answer: HttpAnswer | undefined },
  ) {
    this.#hop = hop;
    this.method = hop.method;
    if (!answer) return;
    const sentCredentials = 'Authorization' in hop.headers ? credentials : undefined;
    this.res = {
      statusCode: answer.status,
      statusMessage: answer.statusText,
      rawHeaders: answer.headers,
      get responseUrl() {
        return redirects === undefined ? undefined : responseUrl(hop.url, redirects, sentCredentials);
      },
    };
  }

  get path(): string {
    const { pathname, search } = parseUrl(this.#hop.url);
    return pathname + search;
  }

  get host(): string {
    return parseUrl(this.#hop.url).host.replace(/:\d+$/, '');
  }

  get protocol(): string {
    return parseUrl(this.#hop.url).protocol;
  }

  getHeader(name: string): unknown {
    const key = Object.keys(this.#hop.headers).find((header) => header.toLowerCase() === name.toLowerCase());
    return key === undefined ? undefined : this.#hop.headers[key];
  }
}

/**
 * As follow-redirects puts it together: the first URL's fragment is dropped, those of locations are kept, and the
 * credentials that were sent are part of it.
 */
function responseUrl(url: string, redirects: number, credentials: string | undefined): string {
  const { href } = parseUrl(url);
  const shown = redirects > 0 ? href : href.replace(/#.*$/, '');
  if (credentials === undefined) return shown;
  return shown.replace('//', `//${encodeURIComponent(credentials).replace(/%3A/gi, ':')}@`);
}
