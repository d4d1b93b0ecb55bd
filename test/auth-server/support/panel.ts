import type { Page } from 'playwright-core';
import { adminPassword, type Stack } from './start-stack.ts';

export async function logInToPanel(page: Page, stack: Stack, password = adminPassword): Promise<void> {
  await page.goto(`${stack.origin}/admin`);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Presses Save and waits for what comes of it. */
export async function save(page: Page): Promise<void> {
  const answered = page.waitForResponse(
    (response) => response.request().method() === 'POST' && response.url().endsWith('/admin/passkeys'),
  );
  await page.getByRole('button', { name: 'Save' }).click();
  await answered;
  await page.waitForLoadState();
}
