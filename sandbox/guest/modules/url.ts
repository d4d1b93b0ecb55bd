import punycode from 'punycode/';
import legacy from 'url';
import { notImplemented } from '../not-implemented.ts';
import { URL, URLSearchParams } from '../web-url.ts';

/** The legacy API of npm url, and the WHATWG one of the globals. */

function format(value: unknown, options: FormatOptions = {}): string {
  if (!(value instanceof URL)) return legacy.format(value);
  const url = new URL(value.href);
  if (options.fragment === false) url.hash = '';
  if (options.search === false) url.search = '';
  if (options.auth === false) {
    url.username = '';
    url.password = '';
  }
  return options.unicode ? url.href.replace(url.hostname, punycode.toUnicode(url.hostname)) : url.href;
}

interface FormatOptions {
  auth?: boolean;
  fragment?: boolean;
  search?: boolean;
  unicode?: boolean;
}

/** What `http.request` takes, of a URL. */
function urlToHttpOptions(url: URL): Record<string, unknown> {
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url;
  return {
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    hash,
    search,
    pathname,
    path: `${pathname}${search}`,
    href,
    ...(port === '' ? {} : { port: Number(port) }),
    ...(username || password
      ? { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
      : {}),
  };
}

const hostnameOf = (domain: string): string => {
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return '';
  }
};

export const url = {
  Url: legacy.Url,
  parse: legacy.parse,
  resolve: legacy.resolve,
  resolveObject: legacy.resolveObject,
  format,
  URL,
  URLSearchParams,
  urlToHttpOptions,
  domainToASCII: hostnameOf,
  domainToUnicode: (domain: string) => punycode.toUnicode(hostnameOf(domain)),
  fileURLToPath(): never {
    throw notImplemented('url.fileURLToPath');
  },
  pathToFileURL(): never {
    throw notImplemented('url.pathToFileURL');
  },
};
