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
  readonly prototype: WebUrl;
  new (url: unknown, base?: unknown): WebUrl;
  canParse(url: unknown, base?: unknown): boolean;
  parse(url: unknown, base?: unknown): WebUrl | null;
}

/**
 * core-js' errors of the constructor with the code, message and input that Node gives them; axios passes them on, and
 * scripts look at the code. Errors of a `toString` of the arguments stay what they are.
 */
function withNodeErrors(target: WebUrlConstructor): WebUrlConstructor {
  const wrapped = new Proxy(target, {
    construct(_, args: unknown[], newTarget) {
      if (args.length === 0) return Reflect.construct(target, args, newTarget);
      const [input, base] = args.map((argument) => (argument === undefined ? undefined : `${argument}`));
      try {
        return Reflect.construct(target, [input, base], newTarget);
      } catch {
        const details = { code: 'ERR_INVALID_URL', input, ...(base === undefined ? {} : { base }) };
        throw Object.assign(new TypeError('Invalid URL'), details);
      }
    },
  });
  Object.defineProperty(target.prototype, 'constructor', { value: wrapped });
  return wrapped;
}

installed.URL = withNodeErrors(installed.URL);

export const { URL, URLSearchParams, structuredClone } = installed;
