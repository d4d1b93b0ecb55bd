import './early-globals.ts';
import 'core-js/web/url';
import 'core-js/web/url-search-params';
import 'core-js/web/structured-clone';

/** core-js puts these on the global, where they are not there yet; V8 alone has none of them. */
const installed = globalThis as unknown as {
  URL: WebUrlConstructor;
  URLSearchParams: new (init?: unknown) => WebUrlSearchParams;
  structuredClone(value: unknown, options?: { transfer?: unknown[] }): unknown;
};

export interface WebUrlSearchParams extends Iterable<[string, string]> {
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  toString(): string;
}

export interface WebUrl {
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  readonly searchParams: WebUrlSearchParams;
  toString(): string;
  toJSON(): string;
}

export interface WebUrlConstructor {
  new (url: unknown, base?: unknown): WebUrl;
  canParse(url: unknown, base?: unknown): boolean;
  parse(url: unknown, base?: unknown): WebUrl | null;
}

export const { URL, URLSearchParams, structuredClone } = installed;
