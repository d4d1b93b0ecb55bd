import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Stack } from './start-stack.ts';

/** What people do on the pages; each leaves the page that comes next. */
export const identifierLabel = /Email address/;

export async function beginLogin(page: Page, stack: Stack, params?: Record<string, string>): Promise<void> {
  await page.goto(stack.app.startUrl(params));
}

export async function typeIdentifier(page: Page, identifier: string): Promise<void> {
  await page.getByLabel(identifierLabel).fill(identifier);
  await page.getByRole('button', { name: 'Continue' }).click();
}

export async function logInWithPassword(page: Page, identifier: string, password: string): Promise<void> {
  await typeIdentifier(page, identifier);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

/** As far as the page that asks how the new user will log in. */
export async function beginSignUp(page: Page, stack: Stack, identifier: string): Promise<void> {
  await beginLogin(page, stack, { screen_hint: 'signup' });
  await typeIdentifier(page, identifier);
  await page.getByRole('heading', { name: 'Choose how you will log in' }).waitFor();
}

export async function signUpWithPasskey(page: Page, stack: Stack, identifier: string): Promise<void> {
  await beginSignUp(page, stack, identifier);
  await page.getByRole('button', { name: 'Create a passkey' }).click();
  await expectLoggedIn(page, stack, identifier);
}

/** The application has the user's claims. An offer of a passkey on the way is declined. */
export async function expectLoggedIn(page: Page, stack: Stack, email: string) {
  await page.waitForURL(({ href }) => href.startsWith(stack.app.redirectUri) || href.endsWith('/enroll'));
  if (page.url().endsWith('/enroll')) await page.getByRole('button', { name: 'Not now' }).click();
  await page.waitForURL(`${stack.app.redirectUri}**`);
  const { claims } = stack.app.last();
  expect(claims).toMatchObject({ email });
  return claims!;
}
