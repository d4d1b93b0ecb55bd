import { coded } from './http-headers.ts';

/** What is used of a URL here. */
export interface UrlLike {
  readonly href: string;
  readonly protocol: string;
  readonly origin: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly username: string;
  readonly password: string;
  hash: string;
}

declare const URL: new (input: string, base?: string) => UrlLike;

/** Throws ERR_INVALID_URL as Node does, whatever the words of the URL implementation are. */
export function parseUrl(input: string, base?: string): UrlLike {
  try {
    return new URL(input, base);
  } catch {
    throw Object.assign(coded('ERR_INVALID_URL', 'Invalid URL'), {
      input,
      ...(base === undefined ? {} : { base }),
    });
  }
}
