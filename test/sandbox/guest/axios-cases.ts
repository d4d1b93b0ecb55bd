// biome-ignore lint/suspicious/noExplicitAny: axios as a script would use it
type Axios = any;
export type AxiosScript = (axios: Axios, origin: string, other: string) => Promise<unknown>;

/**
 * What scripts do with axios. Each function stands alone, so that its text can be run in an isolate.
 * Each is run by the fast adapter, by axios' own over the guest's http, and by axios in plain Node.
 */
export const axiosCases: Record<string, AxiosScript> = {
  'GET of JSON': (axios, origin) => axios.get(`${origin}/json`),
  'GET with params': (axios, origin) =>
    axios.get(`${origin}/echo?a=1#frag`, {
      params: { q: 'jane+x@example.com', list: [1, 2], at: new Date(0), o: { a: 'b c' } },
    }),
  'URLSearchParams as params': (axios, origin) =>
    axios.get(`${origin}/echo`, { params: new URLSearchParams({ a: 'ä b' }) }),
  paramsSerializer: (axios, origin) =>
    axios.get(`${origin}/echo`, { params: { a: 1 }, paramsSerializer: () => 'made=up' }),
  'a path with dots and spaces': (axios, origin) => axios.get(`${origin}/x/../echo?name=Jane Doe&q="ü"`),
  'baseURL and a relative URL': (axios, origin) => axios.create({ baseURL: `${origin}/` }).get('/echo'),
  'baseURL and an absolute URL': (axios, origin) =>
    axios.create({ baseURL: 'http://127.0.0.1:9' }).get(`${origin}/echo`),
  'allowAbsoluteUrls: false': (axios, origin) =>
    axios.get('http://x/echo', { baseURL: origin, allowAbsoluteUrls: false }),
  'POST of an object': (axios, origin) => axios.post(`${origin}/echo`, { email: 'jane@example.com', n: 'ü' }),
  'POST of a string': (axios, origin) => axios.post(`${origin}/echo`, 'a=1&b=2'),
  'POST of URLSearchParams': (axios, origin) => axios.post(`${origin}/echo`, new URLSearchParams({ a: '1' })),
  'POST of a Buffer': (axios, origin) => axios.post(`${origin}/echo`, Buffer.from([1, 2, 255])),
  'POST of nothing': (axios, origin) => axios.post(`${origin}/echo`),
  'POST of an array as form': (axios, origin) =>
    axios.post(
      `${origin}/echo`,
      { a: [1, 2] },
      { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ),
  'PUT, PATCH, DELETE with data': async (axios, origin) => [
    (await axios.put(`${origin}/echo`, { a: 1 })).data,
    (await axios.patch(`${origin}/echo`, { a: 1 })).data,
    (await axios.delete(`${origin}/echo`, { data: { a: 1 } })).data,
    (await axios.delete(`${origin}/echo`)).data,
  ],
  HEAD: (axios, origin) => axios.head(`${origin}/json`),
  OPTIONS: (axios, origin) => axios.options(`${origin}/echo`),
  'own headers': (axios, origin) =>
    axios.get(`${origin}/echo`, {
      headers: { 'X-Api-Key': 'k', accept: 'text/plain', 'User-Agent': 'mine', 'X-List': ['a', 'b'] },
    }),
  'a header with a line break and umlauts': (axios, origin) =>
    axios.get(`${origin}/echo`, { headers: { 'X-A': 'a\r\nX-B: ü\u20ac ' } }),
  'a header that is off': (axios, origin) =>
    axios.get(`${origin}/echo`, { headers: { 'User-Agent': false, Accept: null } }),
  'basic auth': (axios, origin) =>
    axios.get(`${origin}/echo`, {
      auth: { username: 'jäne', password: 'p:w' },
      headers: { Authorization: 'Bearer x' },
    }),
  'credentials in the URL': (axios, origin) => axios.get(`${origin.replace('//', '//jane%40x:pw@')}/echo`),
  'responseType text': (axios, origin) => axios.get(`${origin}/json`, { responseType: 'text' }),
  'responseType json of no JSON': (axios, origin) =>
    axios.get(`${origin}/not-json`, { responseType: 'json' }),
  'no JSON': (axios, origin) => axios.get(`${origin}/not-json`),
  'responseType arraybuffer': (axios, origin) =>
    axios.get(`${origin}/bytes`, { responseType: 'arraybuffer' }),
  'responseType arraybuffer of nothing': (axios, origin) =>
    axios.get(`${origin}/empty`, { responseType: 'arraybuffer' }),
  'responseEncoding latin1': (axios, origin) => axios.get(`${origin}/latin1`, { responseEncoding: 'latin1' }),
  'bytes that are no UTF-8': (axios, origin) => axios.get(`${origin}/bytes`),
  'a byte-order mark': (axios, origin) => axios.get(`${origin}/bom`),
  '204': (axios, origin) => axios.get(`${origin}/empty`),
  'repeated headers': (axios, origin) => axios.get(`${origin}/cookies`),
  gzip: (axios, origin) => axios.get(`${origin}/gzip`),
  br: (axios, origin) => axios.get(`${origin}/br`),
  deflate: (axios, origin) => axios.get(`${origin}/deflate`),
  'raw deflate': (axios, origin) => axios.get(`${origin}/deflate-raw`),
  'gzip that is none': (axios, origin) => axios.get(`${origin}/gzip-bad`),
  'decompress: false': (axios, origin) =>
    axios.get(`${origin}/gzip`, { decompress: false, responseType: 'arraybuffer' }),
  maxContentLength: (axios, origin) => axios.get(`${origin}/big`, { maxContentLength: 1000 }),
  'maxContentLength of a bomb': (axios, origin) =>
    axios.get(`${origin}/gzip-bomb`, { maxContentLength: 1000 }),
  maxBodyLength: (axios, origin) => axios.post(`${origin}/echo`, 'x'.repeat(100), { maxBodyLength: 10 }),
  'status 404': (axios, origin) => axios.get(`${origin}/status?code=404`),
  'status 500': (axios, origin) => axios.get(`${origin}/status?code=500`),
  validateStatus: (axios, origin) => axios.get(`${origin}/status?code=404`, { validateStatus: () => true }),
  'redirect 302 of GET': (axios, origin) => axios.get(`${origin}/redirect?to=/echo%3Fb=1%23frag`),
  'redirect 302 of POST': (axios, origin) => axios.post(`${origin}/redirect?to=/echo`, { a: 1 }),
  'redirect 303 of PUT': (axios, origin) => axios.put(`${origin}/redirect?code=303&to=/echo`, { a: 1 }),
  'redirect 307 of POST': (axios, origin) => axios.post(`${origin}/redirect?code=307&to=/echo`, { a: 1 }),
  'redirect 308 of POST of bytes': (axios, origin) =>
    axios.post(`${origin}/redirect?code=308&to=/echo`, Buffer.from('abc')),
  'redirect keeps credentials within the origin': (axios, origin) =>
    axios.get(`${origin}/redirect?to=/echo`, {
      auth: { username: 'a', password: 'b' },
      headers: { Cookie: 'c=1' },
    }),
  'redirect keeps an Authorization header within the origin': (axios, origin) =>
    axios.get(`${origin}/redirect?to=/echo`, {
      headers: { Authorization: 'Bearer x', 'Proxy-Authorization': 'y' },
    }),
  'redirect drops credentials for another origin': (axios, origin, other) =>
    axios.get(`${origin}/redirect?to=${other}/echo`, {
      auth: { username: 'a', password: 'b' },
      headers: { Cookie: 'c=1', 'X-Kept': 'yes' },
    }),
  'redirect drops an Authorization header for another origin': (axios, origin, other) =>
    axios.get(`${origin}/redirect?to=${other}/echo`, { headers: { Authorization: 'Bearer x' } }),
  'redirect to another scheme': (axios, origin) => axios.get(`${origin}/redirect?to=ftp://example.test/`),
  'redirect to nonsense': (axios, origin) => axios.get(`${origin}/redirect?to=http://[`),
  'maxRedirects: 0': (axios, origin) => axios.get(`${origin}/redirect?to=/echo`, { maxRedirects: 0 }),
  'maxRedirects: 1': (axios, origin) =>
    axios.get(`${origin}/redirect?to=/redirect?to=/echo`, { maxRedirects: 1 }),
  'redirects for ever': (axios, origin) => axios.get(`${origin}/loop`),
  beforeRedirect: (axios, origin) =>
    axios.get(`${origin}/redirect?to=/echo`, {
      beforeRedirect: (options: Axios) => (options.headers['x-added'] = 'yes'),
    }),
  timeout: (axios, origin) => axios.get(`${origin}/never`, { timeout: 40 }),
  'timeout with maxRedirects: 0': (axios, origin) =>
    axios.get(`${origin}/never`, { timeout: 40, maxRedirects: 0 }),
  'timeout, clarified': (axios, origin) =>
    axios.get(`${origin}/never`, {
      timeout: 40,
      transitional: { clarifyTimeoutError: true },
      timeoutErrorMessage: 'too slow',
    }),
  'timeout in the body': (axios, origin) => axios.get(`${origin}/stall`, { timeout: 500 }),
  'timeout in the body with maxRedirects: 0': (axios, origin) =>
    axios.get(`${origin}/stall`, { timeout: 500, maxRedirects: 0 }),
  'a signal that aborts': (axios, origin) => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    return axios.get(`${origin}/never`, { signal: controller.signal });
  },
  'a cancel token': (axios, origin) => {
    const source = axios.CancelToken.source();
    setImmediate(() => source.cancel('enough'));
    return axios.get(`${origin}/never`, { cancelToken: source.token });
  },
  'connection refused': (axios) => axios.get('http://127.0.0.1:1/'),
  'connection reset': (axios, origin) => axios.get(`${origin}/reset`),
  'body cut off': (axios, origin) => axios.get(`${origin}/cut`),
  'an answer that is not HTTP': (axios, origin) => axios.get(`${origin}/garbage`),
  'a URL without a host': (axios) => axios.get('/echo'),
  'a URL without slashes': (axios) => axios.get('http:example.test'),
  'a URL that cannot be read': (axios) => axios.get('http://[bad/'),
  'another scheme': (axios) => axios.get('ftp://example.test/'),
  'a data URL': (axios) => axios.get('data:text/plain,hi', { responseType: 'text' }),
  'a number as data': (axios, origin) => axios.post(`${origin}/echo`, 42),
  'interceptors and transforms': async (axios, origin) => {
    const client = axios.create({
      baseURL: origin,
      transformRequest: [(data: object) => JSON.stringify({ wrapped: data })],
      transformResponse: [(data: string) => JSON.parse(data).body],
      headers: { common: { 'X-Common': 'c' }, post: { 'Content-Type': 'application/json' } },
    });
    client.interceptors.request.use((config: Axios) => {
      config.headers.set('X-Intercepted', 'yes');
      return config;
    });
    return (await client.post('/echo', { a: 1 })).data;
  },
};

/** What a script can see of a call: of a response or of an error. Stands alone, as the cases do. */
export async function outcomeOf(
  script: AxiosScript,
  axios: Axios,
  origin: string,
  other: string,
): Promise<unknown> {
  try {
    return { returned: seen(await script(axios, origin, other), axios) };
  } catch (error) {
    const { name, message, code, response, cause, request } = error as Axios;
    return {
      threw: name,
      message,
      code,
      cause: cause && { message: cause.message, code: cause.code, address: cause.address, port: cause.port },
      response: response && seen(response, axios),
      isAxiosError: axios.isAxiosError(error),
      isCancel: axios.isCancel(error),
      hasRequest: Boolean(request),
      hasConfig: Boolean((error as Axios).config),
    };
  }

  function seen(value: Axios, axios: Axios): unknown {
    if (typeof value !== 'object' || value === null || !('status' in value) || !value.headers) return value;
    // Whether the socket is kept is the transport's affair: undici closes it after HEAD.
    const { date, connection, 'keep-alive': kept, ...headers } = value.headers.toJSON?.() ?? value.headers;
    return {
      status: value.status,
      statusText: value.statusText,
      headers,
      areAxiosHeaders: value.headers instanceof axios.AxiosHeaders,
      data: Buffer.isBuffer(value.data) ? `bytes ${value.data.toString('hex')}` : value.data,
      request: value.request && {
        method: value.request.method,
        path: value.request.path,
        host: value.request.host,
        protocol: value.request.protocol,
        responseUrl: value.request.res?.responseUrl,
      },
      sentHeaders: { ...value.config.headers },
    };
  }
}
