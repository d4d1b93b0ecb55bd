import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { expect } from 'vitest';
import {
  type AuthenticatorOptions,
  addVirtualAuthenticator,
  type VirtualAuthenticator,
} from './virtual-authenticator.ts';

export interface VisitorOptions {
  /** A phone's screen and touch instead of a desktop's. */
  isPhone?: boolean;
  /**
   * What becomes of conditional requests for passkeys. `held` (default): they wait for `pickPasskey`, as for a person.
   * `at-once`: the authenticator answers by itself, or refuses where it has no passkey.
   */
  autofill?: 'held' | 'at-once';
  /** More of playwright's, such as `javaScriptEnabled: false` or `colorScheme: 'dark'`. */
  context?: BrowserContextOptions;
}

export interface Visitor extends AsyncDisposable {
  context: BrowserContext;
  page: Page;
  /** Another device to answer for `page`, not for others; without any, ceremonies fail at the page's timeout. */
  addAuthenticator(options?: AuthenticatorOptions): Promise<VirtualAuthenticator>;
  /** Picks the passkey in a field's menu: waits until the page has asked for one, fails where no field offers them. */
  pickPasskey(): Promise<void>;
  /** What went wrong in the pages so far: console errors, violations of the CSP among them, and uncaught errors. */
  problems(): readonly string[];
  /** Saves the page as test/artefacts/<test file>/<name>.png, over that of the last run; git ignores the folder. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

const tests = path.join(import.meta.dirname, '..');
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Where the screenshots of the test file that runs now are. */
function artefactsFolder(): string {
  const { testPath = 'unknown' } = expect.getState();
  return path.join(tests, 'artefacts', path.relative(tests, testPath).replace(/\.test\.ts$/, ''));
}

function collectProblems(context: BrowserContext): readonly string[] {
  const problems: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => problems.push(`uncaught: ${error.error().message}`));
  return problems;
}

/** Without this a ceremony opens a dialog: nobody answers it, and headless Chromium may end itself at it. */
async function withoutDialogs(context: BrowserContext, page: Page): Promise<CDPSession> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  return session;
}

/** Somebody with a browser of their own: cookies, storage and passkeys are apart from all others'. */
export async function openVisitor(
  browser: Browser,
  { isPhone = false, autofill = 'held', context: more = {} }: VisitorOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    ...(isPhone ? phone : desktop),
    reducedMotion: 'reduce',
    ...more,
  });
  // Less than a test's time, so that a test fails with what it waited for.
  context.setDefaultTimeout(20_000);
  const problems = collectProblems(context);
  if (autofill === 'held')
    await context.addInitScript({ path: path.join(import.meta.dirname, 'held-autofill.js') });
  const page = await context.newPage();
  const session = await withoutDialogs(context, page);
  // A page that closes again at once needs nothing.
  context.on('page', (another) => void withoutDialogs(context, another).catch(() => {}));
  const close = () => context.close();
  return {
    context,
    page,
    addAuthenticator: (options) => addVirtualAuthenticator(session, options),
    // No waitForFunction: it needs eval, which a strict CSP forbids.
    pickPasskey: () => page.evaluate('heldAutofill.pick()'),
    problems: () => problems,
    async screenshot(name) {
      await page.screenshot({ path: path.join(artefactsFolder(), `${name}.png`), fullPage: true });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
