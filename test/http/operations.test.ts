import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { scriptEndpoints } from '../../src/http/app.ts';
import { fakeStore, jane, startApp } from './fake-parts.ts';

const found = () => ({ found: true, user: jane });

test('healthz answers while the process lives', async () => {
  await using app = await startApp(found);
  const response = await app.call('/healthz');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test('HEAD answers the head alone', async () => {
  await using app = await startApp(found);
  const response = await app.call('/healthz', { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

test('readyz names what is missing', async () => {
  await using app = await startApp(found, {
    pool: { ready: () => false, retire: () => {} },
    store: { ...fakeStore(), readable: () => false },
  });
  const response = await app.call('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'unavailable',
    checks: { sandbox: false, connections: false, accepting: true },
  });
});

test('metrics count requests by route and status, executions by outcome, and the pool', async () => {
  await using app = await startApp(found);
  await (await app.post('/v1/connections/acme/get-user', { user_id: '1' })).text();
  app.parts.metrics.executionFinished({
    script: 'login',
    outcome: 'timeout',
    code: 'script_timeout',
    durationMs: 20_000,
    timings: { queueMs: 1, scriptMs: 19_990, upstreamMs: 0, coldStart: true },
  });
  const response = await app.call('/metrics');
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  for (const line of [
    'drawbridge_http_requests_total{method="POST",route="/v1/connections/:connection/get-user",status="200"} 1',
    'drawbridge_executions_total{script="login",outcome="timeout",code="script_timeout"} 1',
    'drawbridge_execution_duration_seconds_sum{script="login",phase="total"} 20',
    'drawbridge_cold_starts_total{script="login"} 1',
    'drawbridge_sandbox_processes 2',
    'drawbridge_executions_under_way 3',
    'drawbridge_executions_waiting 4',
    'drawbridge_sandbox_restarts 5',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  expect(text).not.toContain('acme');
});

test('openapi.json is a valid OpenAPI 3.1 document with every path', async () => {
  await using app = await startApp(found);
  const document = await (await app.call('/openapi.json')).json();
  const { valid, errors } = await new Validator().validate(document);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(document.openapi).toBe('3.1.0');
  for (const { path } of scriptEndpoints) {
    expect(document.paths).toHaveProperty([path.replace(':connection', '{connection}'), 'post']);
  }
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      '/v1/connections',
      '/v1/connections/{connection}',
      '/healthz',
      '/readyz',
      '/metrics',
    ]),
  );
});

test('what is answered fits the schemas of openapi.json', async () => {
  let fail = false;
  await using app = await startApp(() => {
    if (fail) throw new ServiceError('script_error', { detail: 'why', scriptStack: ['at x (a.js:1:1)'] });
    return found();
  });
  const document = await (await app.call('/openapi.json')).json();
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'openapi');
  const validatorOf = (path: string, method: string, status: number, type: string) => {
    const pointer = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
    const encoded = pointer.map((step) =>
      encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return ajv.compile({ $ref: `openapi#/${encoded.join('/')}` });
  };
  const getUserPath = '/v1/connections/{connection}/get-user';
  const good = await (await app.post('/v1/connections/acme/get-user', { user_id: '1' })).json();
  const checkGood = validatorOf(getUserPath, 'post', 200, 'application/json');
  expect(checkGood(good), JSON.stringify(checkGood.errors)).toBe(true);
  expect(checkGood({ found: 'yes' })).toBe(false);
  fail = true;
  const bad = await (await app.post('/v1/connections/acme/get-user', { user_id: '1' })).json();
  const checkBad = validatorOf(getUserPath, 'post', 502, 'application/problem+json');
  expect(checkBad(bad), JSON.stringify(checkBad.errors)).toBe(true);
  const list = await (await app.call('/v1/connections')).json();
  const checkList = validatorOf('/v1/connections', 'get', 200, 'application/json');
  expect(checkList(list), JSON.stringify(checkList.errors)).toBe(true);
});

test('the page that problem types refer to is there', async () => {
  await using app = await startApp(found);
  const problem = await (await app.call('/nothing')).json();
  const page = await app.call(problem.type);
  expect(page.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  expect(await page.text()).toBe('# Error codes\n');
});

test('docs/http-api.md has every path of openapi.json, and no other', async () => {
  await using app = await startApp(found);
  const document = await (await app.call('/openapi.json')).json();
  const page = await readFile(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `(GET|POST) (\S+)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  const served = Object.entries<object>(document.paths).map(([path, operations]) => {
    const method = 'post' in operations ? 'POST' : 'GET';
    return `${method} ${path.replace('{connection}', '{c}')}`;
  });
  expect(documented.sort()).toEqual(served.sort());
});
