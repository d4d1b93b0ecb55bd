import { localFetch } from './local-fetch.ts';
import type { Stack } from './start-stack.ts';

export interface Answer {
  /** Where it came from; redirects have been followed by `visit` and `follow` alone. */
  url: URL;
  status: number;
  headers: Headers;
  text: string;
}

/** Somebody with a cookie jar and without a browser: what a program can send that a browser would not, and cheaper. */
export interface FormClient {
  /** `/login/<uid>` of the login that was begun last. */
  readonly path: string;
  /** Another login, with the same cookies. Only where a page comes up: a session would answer at once. */
  begin(params?: Record<string, string>): Promise<void>;
  /** Where the address leads in the end, a page of a login or the application's callback. */
  visit(url: string): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Fields are sent as a form, a text as it is. */
  post(
    path: string,
    body?: Record<string, string> | string,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  // biome-ignore lint/suspicious/noExplicitAny: options of a ceremony
  options(path: string): Promise<any>;
  /** Goes on to where the answer leads, the application's callback in the end; the offer of a passkey is declined. */
  follow(answer: Answer): Promise<Answer>;
  cookies(): { name: string; value: string; path: string }[];
  clearCookies(): void;
}

export function createFormClient(stack: Stack): FormClient {
  const jar = new Map<string, { value: string; path: string }>();
  let login = new URL(stack.origin);

  async function send(to: string, init: RequestInit = {}): Promise<Answer> {
    const url = new URL(to, login);
    const headers = new Headers(init.headers);
    if (jar.size > 0)
      headers.set('cookie', [...jar].map(([name, { value }]) => `${name}=${value}`).join('; '));
    const response = await localFetch(url.href, {
      ...init,
      headers: Object.fromEntries(headers),
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      const [, path = '/'] = /; *path=([^;]+)/i.exec(cookie) ?? [];
      if (name && value) jar.set(name, { value, path });
      else if (name) jar.delete(name);
    }
    return { url, status: response.status, headers: response.headers, text: await response.text() };
  }

  const leadsTo = ({ headers, url }: Answer) => {
    const location = headers.get('location');
    return location === null ? undefined : new URL(location, url);
  };
  function remember(url: URL): void {
    const [path] = /^\/login\/[^/]+/.exec(url.pathname) ?? [];
    if (path) login = new URL(path, url);
  }

  async function visit(url: string): Promise<Answer> {
    const answer = await send(url);
    const next = leadsTo(answer);
    remember(answer.url);
    return next ? visit(next.href) : answer;
  }

  async function follow(answer: Answer): Promise<Answer> {
    const next = leadsTo(answer);
    if (!next) return answer;
    return follow(next.pathname.endsWith('/enroll') ? await post('/enroll/skip') : await send(next.href));
  }

  const post: FormClient['post'] = (to, body = {}, more = {}) =>
    send(login.pathname + to, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: login.origin, ...more },
      body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
    });
  return {
    get path() {
      return login.pathname;
    },
    async begin(params) {
      const authorization = leadsTo(await send(stack.app.startUrl(params)))!;
      const page = leadsTo(await send(authorization.href))!;
      if (!page.pathname.startsWith('/login/')) throw new Error(`no page came up, but ${page.href}`);
      remember(page);
    },
    visit,
    get: send,
    post,
    async options(to) {
      const { status, text } = await post(`${to}/options`, {}, { accept: 'application/json' });
      if (status !== 200) throw new Error(`${to}/options: ${status} ${text}`);
      return JSON.parse(text);
    },
    follow,
    cookies: () => [...jar].map(([name, cookie]) => ({ name, ...cookie })),
    clearCookies: () => jar.clear(),
  };
}

export async function beginOverHttp(stack: Stack, params: Record<string, string> = {}): Promise<FormClient> {
  const client = createFormClient(stack);
  await client.begin(params);
  return client;
}
