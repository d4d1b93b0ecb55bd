import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeWith } from '../servers/available.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const install = 'apt-get install chromium, or name one in DRAWBRIDGE_CHROMIUM';

/** All hosts but those of this machine do not exist: nothing that a page or the browser wants leaves it. */
const onlyThisMachine = 'MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1';
const args = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  `--host-resolver-rules=${onlyThisMachine}`,
];

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser's program: DRAWBRIDGE_CHROMIUM, or the first one on PATH; undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.DRAWBRIDGE_CHROMIUM;
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`DRAWBRIDGE_CHROMIUM is "${named}", which is no program; give the path of Chromium`);
  }
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isProgram);
}

/** A headless Chromium. As root it refuses its own sandbox, and pages here are ours: it has none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(`Chromium is not installed (${install})`);
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args });
}

/** Of all files that this process runs; it ends with the process. */
let shared: Promise<Browser> | undefined;

async function sharedChromium(): Promise<Browser> {
  const browser = await shared?.catch(() => undefined);
  if (browser?.isConnected()) return browser;
  shared = launchChromium();
  return shared;
}

/**
 * A `describe` with a browser, which a test has from `browser()`; what visitors do in it nobody else sees. Without
 * Chromium the tests are skipped with a printed line; in CI they fail.
 */
export async function describeInBrowser(name: string, body: (browser: () => Browser) => void): Promise<void> {
  await describeWith('Chromium', { find: findChromium, install }, () => {
    describe(name, () => {
      let browser: Browser | undefined;
      beforeAll(async () => {
        browser = await sharedChromium();
      });
      afterAll(async () => {
        // What a test that failed has left open.
        for (const context of browser?.contexts() ?? []) await context.close();
      });
      body(() => {
        if (!browser) throw new Error('the browser is there in hooks and tests only');
        return browser;
      });
    });
  });
}
