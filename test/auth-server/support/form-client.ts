import type { Stack } from './start-stack.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** A login over plain HTTP, with a cookie jar of its own: what a program can send that a browser would not. */
export interface FormClient {
  /** `/login/<uid>` */
  path: string;
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
}

export async function beginOverHttp(stack: Stack, params: Record<string, string> = {}): Promise<FormClient> {
  const jar = new Map<string, string>();

  async function send(url: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(new URL(url, stack.origin), { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name && value) jar.set(name, value);
      else if (name) jar.delete(name);
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async function follow(answer: Answer): Promise<Answer> {
    const location = answer.headers.get('location');
    if (location === null) return answer;
    return follow(location.endsWith('/enroll') ? await post('/enroll/skip') : await send(location));
  }

  const { headers } = await send((await send(stack.app.startUrl(params))).headers.get('location')!);
  const path = new URL(headers.get('location')!, stack.origin).pathname;
  const post: FormClient['post'] = (to, body = {}, more = {}) =>
    send(path + to, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: stack.origin, ...more },
      body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
    });
  return {
    path,
    get: send,
    post,
    options: async (to) => JSON.parse((await post(`${to}/options`)).text),
    follow,
  };
}
