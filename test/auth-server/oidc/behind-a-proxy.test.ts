import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuthServer, createAuthServer } from '../../../src/auth-server/create-auth-server.ts';

describe('behind a proxy that ends TLS and hands on what visitors send', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-auth-'));
  const eventsFile = join(folder, 'events.jsonl');
  let authServer: AuthServer;
  let port: number;
  beforeAll(async () => {
    authServer = createAuthServer({
      settings: {
        bridge: { url: 'http://127.0.0.1:9', connection: 'acme' },
        databaseFile: join(folder, 'auth.db'),
        eventsFile,
        domains: [{ origin: 'https://login.example.com' }],
        clients: [],
      },
    });
    ({ port } = await authServer.listen(0));
  });
  afterAll(async () => {
    await authServer.close();
    rmSync(folder, { recursive: true });
  });

  /** 192.0.2.9 is what the proxy saw, the rest is the visitor's own. */
  const forged = {
    host: 'login.example.com',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-for': '203.0.113.6, 192.0.2.9',
  };
  async function send(path: string, headers: Record<string, string> = {}, body?: string) {
    const sent = request({ port, path, method: body ? 'POST' : 'GET', headers: { ...forged, ...headers } });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return { answer, text: await text(answer) };
  }

  it('is at its own host, whatever X-Forwarded-Host says', async () => {
    const { text } = await send('/.well-known/openid-configuration');
    expect(text).toContain('https://login.example.com/oauth/token');
    expect(text).not.toContain('evil.example');
  });

  it('is at no other host that a request line names', async () => {
    const { answer, text } = await send('https://evil.example/.well-known/openid-configuration');
    expect([answer.statusCode, text]).toEqual([421, expect.not.stringContaining('evil.example')]);
  });

  it('tells of a logout with the address that the proxy saw', async () => {
    const { answer, text } = await send('/oidc/logout');
    const cookie = answer.headers['set-cookie']!.map((each) => each.split(';')[0]).join('; ');
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(text) ?? [];
    const form = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    await send('/oidc/logout/confirm', form, `xsrf=${xsrf}&logout=yes`);
    await expect
      .poll(() => JSON.parse(readFileSync(eventsFile, 'utf8')))
      .toMatchObject({ type: 'slo', ip: '192.0.2.9' });
  });

  it('takes no pushed requests, which wait in memory', async () => {
    expect((await send('/request', {}, 'client_id=x')).answer.statusCode).toBe(404);
  });

  it('says that a path is none', async () => {
    expect((await send('/login/%E0%A4%A')).answer.statusCode).toBe(400);
  });
});
