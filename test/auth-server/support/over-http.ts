import { expect } from 'vitest';
import type { Visitor } from '../../browser/open-visitor.ts';
import type { DevicePasskey } from '../../browser/virtual-authenticator.ts';
import { type Answer, beginOverHttp, type FormClient } from './form-client.ts';
import {
  type Bend,
  createSoftwareAuthenticator,
  type SoftwareAuthenticator,
  type SoftwarePasskey,
} from './software-authenticator.ts';
import { adminPassword, clientId, type Stack } from './start-stack.ts';

/** What people do on the pages (pages.ts), without a browser: for what is not about pages. */
export const asForm = (response: unknown) => ({ response: JSON.stringify(response) });

/** As far as the page that asks how the new user will log in. */
export async function beginSignUpOverHttp(
  stack: Stack,
  identifier: string,
  params: Record<string, string> = {},
): Promise<FormClient> {
  const client = await beginOverHttp(stack, { screen_hint: 'signup', ...params });
  await client.post('/signup', { identifier });
  return client;
}

/** Answers the sign-up's challenge, or the one of an offer, with a new passkey. */
export async function sendNewPasskey(
  client: FormClient,
  device: SoftwareAuthenticator,
  bend: Bend = {},
  path: '/signup/passkey' | '/enroll' = '/signup/passkey',
): Promise<Answer> {
  return client.post(path, asForm(device.create(await client.options(path), bend)));
}

export async function sendPasskey(
  client: FormClient,
  device: SoftwareAuthenticator,
  bend: Bend = {},
): Promise<Answer> {
  return client.post('/passkey', asForm(device.get(await client.options('/passkey'), bend)));
}

export async function sendPassword(
  client: FormClient,
  identifier: string,
  password: string,
): Promise<Answer> {
  await client.post('/identifier', { identifier });
  return client.post('/password', { password });
}

/** Follows the answer to the application; the claims that it has. An offer of a passkey on the way is declined. */
export async function claimsAfter(stack: Stack, client: FormClient, answer: Answer) {
  return claimsIn(stack, await client.follow(answer));
}

/** Of the application's callback. */
export function claimsIn(
  stack: Stack,
  { url, status, text }: Answer,
): Record<string, unknown> & { sub: string } {
  expect(`${status} ${url.origin}${url.pathname}`).toBe(`200 ${stack.app.redirectUri}`);
  return JSON.parse(text);
}

/** What the application's login page is called with by whoever follows the link of an invitation. */
export async function inviteOverHttp(
  stack: Stack,
  email: string,
  organization: string,
): Promise<Record<string, string>> {
  const response = await fetch(`${stack.origin}/v1/invitations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminPassword}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organization, client_id: clientId, email }),
  });
  const { invitation_url } = (await response.json()) as { invitation_url: string };
  return Object.fromEntries(new URL(invitation_url).searchParams);
}

export interface Somebody {
  email: string;
  sub: string;
  device: SoftwareAuthenticator;
}

/** Somebody with an account and a passkey for it. */
export async function signUpOverHttp(
  stack: Stack,
  email: string,
  { bend, issuer = stack.origin }: { bend?: Bend; issuer?: string } = {},
): Promise<Somebody> {
  const device = createSoftwareAuthenticator({ origin: issuer });
  const client = await beginSignUpOverHttp(stack, email, { issuer });
  const claims = await claimsAfter(stack, client, await sendNewPasskey(client, device, bend));
  expect(claims).toMatchObject({ email });
  return { email, sub: claims.sub, device };
}

/** The passkey to be put into a browser's device; it never counts. */
export const toDevicePasskey = (
  { id, rpId, userHandle, privateKey }: SoftwarePasskey,
  userName: string,
): DevicePasskey => ({
  id,
  rpId,
  userHandle,
  userName,
  userDisplayName: userName,
  signCount: -1,
  privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
});

/** From here on the visitor's browser goes on with the client's login, at the page of that path. */
export async function goOnInBrowser(
  stack: Stack,
  client: FormClient,
  { context, page }: Visitor,
  path: string,
): Promise<void> {
  const { hostname } = new URL(stack.origin);
  await context.addCookies(client.cookies().map((cookie) => ({ ...cookie, domain: hostname })));
  await page.goto(stack.origin + client.path + path);
}
