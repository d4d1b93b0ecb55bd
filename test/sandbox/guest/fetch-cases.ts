// biome-ignore lint/suspicious/noExplicitAny: Node's fetch and the guest's, as a script would use either
type Fetch = any;
export type FetchScript = (api: Fetch, origin: string, other: string) => Promise<unknown>;

/**
 * What scripts do with fetch. Each function uses nothing around it but `echo` and `hex`, so that its text can be run in
 * an isolate. Each is run with the guest's fetch and with Node's.
 */
export const fetchCases: Record<string, FetchScript> = {
  'json()': async ({ fetch }, origin) => (await fetch(`${origin}/json`)).json(),
  'text()': async ({ fetch }, origin) => (await fetch(`${origin}/bom`)).text(),
  'text() of no UTF-8': async ({ fetch }, origin) => (await fetch(`${origin}/bytes`)).text(),
  'arrayBuffer()': async ({ fetch }, origin) => hex(await (await fetch(`${origin}/bytes`)).arrayBuffer()),
  'arrayBuffer() of text': async ({ fetch }, origin) =>
    hex(await (await fetch(`${origin}/json`)).arrayBuffer()),
  'bytes()': async ({ fetch }, origin) => hex((await (await fetch(`${origin}/bytes`)).bytes()).buffer),
  'blob()': async ({ fetch }, origin) => {
    const blob = await (await fetch(`${origin}/json`)).blob();
    return [blob.size, blob.type, await blob.text()];
  },
  'body as a stream': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/big`);
    let bytes = 0;
    for await (const chunk of response.body) bytes += chunk.byteLength;
    return [bytes, response.bodyUsed];
  },
  'body of a small answer as a stream': async ({ fetch }, origin) => {
    const reader = (await fetch(`${origin}/json`)).body.getReader();
    return hex((await reader.read()).value.slice().buffer);
  },
  'a large body': async ({ fetch }, origin) => (await (await fetch(`${origin}/big`)).text()).length,
  'status and headers': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/status?code=404`);
    return [
      response.status,
      response.ok,
      response.statusText,
      response.type,
      response.redirected,
      await response.json(),
    ];
  },
  'repeated headers': async ({ fetch }, origin) => {
    const { headers } = await fetch(`${origin}/cookies`);
    return [
      headers.getSetCookie(),
      headers.get('set-cookie'),
      headers.get('X-TWICE'),
      headers.has('nope'),
      headers.get('nope'),
    ];
  },
  'no body': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/empty`);
    return [response.status, response.body, await response.text()];
  },
  HEAD: async ({ fetch }, origin) => (await fetch(`${origin}/json`, { method: 'head' })).text(),
  'GET as the server sees it': ({ fetch }, origin) => echo(fetch(`${origin}/echo?q=ü b#frag`)),
  'POST of JSON': ({ fetch }, origin) =>
    echo(
      fetch(`${origin}/echo`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"a":"ü"}',
      }),
    ),
  'POST of text': ({ fetch }, origin) => echo(fetch(`${origin}/echo`, { method: 'post', body: 'text' })),
  'POST of URLSearchParams': ({ fetch }, origin) =>
    echo(fetch(`${origin}/echo`, { method: 'POST', body: new URLSearchParams({ a: '1 ü' }) })),
  'POST of bytes': ({ fetch }, origin) =>
    echo(fetch(`${origin}/echo`, { method: 'POST', body: new Uint8Array([1, 255]) })),
  'POST of nothing': ({ fetch }, origin) => echo(fetch(`${origin}/echo`, { method: 'POST' })),
  'POST of a stream': ({ fetch, ReadableStream }, origin) => {
    const body = new ReadableStream({
      start(controller: Fetch) {
        controller.enqueue(new Uint8Array([97]));
        controller.enqueue(new Uint8Array([98]));
        controller.close();
      },
    });
    return echo(fetch(`${origin}/echo`, { method: 'POST', body, duplex: 'half' })).then(({ body }) => body);
  },
  'PATCH is not written in capitals': ({ fetch }, origin) =>
    echo(fetch(`${origin}/echo`, { method: 'PATCH', body: 'x' })),
  'a Request object': ({ fetch, Request, Headers }, origin) => {
    const headers = new Headers([
      ['x-a', '1'],
      ['X-A', '2'],
    ]);
    return echo(
      fetch(new Request(`${origin}/echo`, { method: 'PUT', headers, body: 'first' }), { body: 'second' }),
    );
  },
  'a Request cloned': async ({ fetch, Request }, origin) => {
    const request = new Request(`${origin}/echo`, { method: 'PUT', body: 'once' });
    const copy = request.clone();
    return [(await echo(fetch(request))).body, (await echo(fetch(copy))).body, request.bodyUsed];
  },
  'gzip, br, deflate': async ({ fetch }, origin) => [
    await (await fetch(`${origin}/gzip`)).json(),
    await (await fetch(`${origin}/br`)).json(),
    await (await fetch(`${origin}/deflate`)).json(),
  ],
  'redirect follow': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/redirect?to=/json`);
    return [response.status, response.redirected, new URL(response.url).pathname];
  },
  'redirect 302 of POST': ({ fetch }, origin) =>
    echo(fetch(`${origin}/redirect?to=/echo`, { method: 'POST', body: 'x', headers: { 'x-kept': '1' } })),
  'redirect 307 of POST': ({ fetch }, origin) =>
    echo(fetch(`${origin}/redirect?code=307&to=/echo`, { method: 'POST', body: 'x' })),
  'redirect to another origin': ({ fetch }, origin, other) =>
    echo(
      fetch(`${origin}/redirect?to=${other}/echo`, {
        headers: { authorization: 'a', cookie: 'b', 'x-kept': '1' },
      }),
    ),
  'redirect manual': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/redirect?to=/json`, { redirect: 'manual' });
    return [response.status, response.headers.get('location')];
  },
  'redirect error': ({ fetch }, origin) => fetch(`${origin}/redirect?to=/json`, { redirect: 'error' }),
  'redirects for ever': ({ fetch }, origin) => fetch(`${origin}/loop`),
  'connection refused': ({ fetch }) => fetch('http://127.0.0.1:65000/'),
  'connection cut': async ({ fetch }, origin) => (await fetch(`${origin}/cut`)).text(),
  'a URL that cannot be read': ({ fetch }) => fetch('/relative'),
  'credentials in the URL': ({ fetch }) => fetch('http://a:b@127.0.0.1/'),
  'GET with a body': ({ fetch }, origin) => fetch(origin, { body: 'x' }),
  'a signal that aborted before': ({ fetch }, origin) => fetch(origin, { signal: AbortSignal.abort() }),
  'a signal that aborts while waiting': ({ fetch }, origin) => {
    const controller = new AbortController();
    setImmediate(() => controller.abort(new RangeError('enough')));
    return fetch(`${origin}/never`, { signal: controller.signal });
  },
  'a signal that aborts in the body': async ({ fetch }, origin) => {
    const controller = new AbortController();
    const response = await fetch(`${origin}/stall`, { signal: controller.signal });
    setImmediate(() => controller.abort());
    return response.text();
  },
  'a body read twice': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/json`);
    await response.text();
    return response.json();
  },
  'clone()': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/json`);
    const copy = response.clone();
    return [await response.json(), await copy.json(), copy.status];
  },
  'clone() of a stream': async ({ fetch }, origin) => {
    const response = await fetch(`${origin}/big`);
    const copy = response.clone();
    return Promise.all([response.text(), copy.text()]).then((texts) => texts.map((text) => text.length));
  },
  'no JSON': async ({ fetch }, origin) =>
    (await fetch(`${origin}/not-json`)).json().catch((error: Error) => error.name),
  'new Response': async ({ Response }) => {
    const response = new Response('{"a":1}', { status: 201, statusText: 'Made', headers: { 'x-a': 'b' } });
    return [response.status, response.ok, [...response.headers], await response.json(), response.bodyUsed];
  },
  'Response.json': async ({ Response }) => {
    const response = Response.json({ a: 1 }, { status: 202 });
    return [response.status, [...response.headers], await response.text()];
  },
  'Response.redirect and error': async ({ Response }) => {
    const response = Response.redirect('https://example.test/a', 307);
    return [
      response.status,
      response.headers.get('location'),
      Response.error().type,
      Response.error().status,
    ];
  },
  'a Response of status 204 with a body': async ({ Response }) => new Response('x', { status: 204 }),
  'a Response of status 99': async ({ Response }) => new Response('x', { status: 99 }),
  'Headers in order': async ({ Headers }) => {
    const headers = new Headers({ b: '2', A: ' 1 ' });
    headers.append('a', '3');
    headers.set('C', 'x');
    headers.delete('b');
    return [[...headers], [...headers.keys()], [...headers.values()], headers.has('c')];
  },
  'a header that is none': async ({ Headers }) => new Headers({ 'a b': 'c' }),
  'a header value with a line break': async ({ Headers }) => new Headers({ a: 'b\r\nc: d' }),
};

/** What a script can see of a call. */
export async function outcomeOf(
  script: FetchScript,
  api: Fetch,
  origin: string,
  other: string,
): Promise<unknown> {
  try {
    return { returned: await script(api, origin, other) };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: Fetch };
    return {
      threw: name,
      cause: cause && { code: cause.code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : cause.code },
    };
  }
}

export async function echo(pending: Promise<Fetch>): Promise<Fetch> {
  return (await pending).json();
}

export function hex(buffer: ArrayBuffer): string {
  return Buffer.from(buffer).toString('hex');
}
