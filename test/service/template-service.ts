import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layDownTemplate } from '../../src/cli/script-templates.ts';
import { startUserStore } from '../../src/demo/start-user-store.ts';
import { type Files, type RunningService, startService } from './running-service.ts';
import { type SeenRequest, startUpstream, type Upstream } from './upstream.ts';

export interface TemplateService extends AsyncDisposable {
  service: RunningService;
  /** Between the scripts and the user store: sees every call. */
  upstream: Upstream;
  /** From now on calls like `POST /login` that match are answered 503; without a pattern none is. */
  setOutage(calls?: RegExp): void;
  /** From now on `take` answers the calls, by itself or by handing them on to the store; without it the store does. */
  intercept(take?: (request: SeenRequest, forward: Forward) => unknown): void;
}

type Forward = (request: SeenRequest) => Promise<void>;

/** A connection `acme` from a template, in front of the demo's user store. */
export async function startTemplate(template: string): Promise<TemplateService> {
  const parts = new AsyncDisposableStack();
  const store = await startUserStore();
  parts.defer(() => store.close());
  let outage: RegExp | undefined;
  let interceptor: Parameters<TemplateService['intercept']>[0];

  async function forward({ method, url, headers, body, answer }: SeenRequest): Promise<void> {
    if (outage?.test(`${method} ${url}`)) return answer(503, { error: 'maintenance' });
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const sent = body === '' ? {} : { body };
    const response = await fetch(`${store.url}${url}`, {
      method,
      headers: { authorization, 'content-type': type },
      ...sent,
    });
    const challenge = response.headers.get('www-authenticate');
    const text = await response.text();
    answer(
      response.status,
      text === '' ? undefined : JSON.parse(text),
      challenge ? { 'www-authenticate': challenge } : {},
    );
  }

  const upstream = parts.use(
    await startUpstream((request) => void (interceptor ? interceptor(request, forward) : forward(request))),
  );
  const { token, username, password } = store.credentials;
  const service = parts.use(
    await startService({
      files: await filesOfTemplate(template),
      env: (root) => ({
        DRAWBRIDGE_EGRESS_ALLOW: upstream.address,
        DRAWBRIDGE_USER_HANDLES_FILE: join(root, 'user-handles.db'),
        USER_STORE_URL: upstream.url,
        USER_STORE_TOKEN: token,
        USER_STORE_USERNAME: username,
        USER_STORE_PASSWORD: password,
      }),
      secrets: [token, password],
    }),
  );
  return {
    service,
    upstream,
    setOutage(calls) {
      outage = calls;
    },
    intercept(take) {
      interceptor = take;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** What `init` lays down, as the files of a connection `acme`. */
export async function filesOfTemplate(template: string): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-template-'));
  try {
    await layDownTemplate(template, folder, 'acme');
    const files: Files = {};
    for (const name of await readdir(folder))
      files[`database-connections/acme/${name}`] = await readFile(join(folder, name), 'utf8');
    return files;
  } finally {
    await rm(folder, { recursive: true });
  }
}
