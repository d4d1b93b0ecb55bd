import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listening, listenOnLoopback } from '../servers/listen.ts';
import { describeInBrowser, findChromium } from './chromium.ts';
import { openVisitor, type Visitor } from './open-visitor.ts';

/** A page that makes a passkey, uses it by a button and offers it in its field, and says what came of it. */
const page = `<!doctype html>
<html lang="en"><title>Passkeys</title><link rel="icon" href="data:,">
<label>Email <input autocomplete="username webauthn"></label>
<button id="make">Make a passkey</button> <button id="use">Use a passkey</button>
<p role="status"></p>
<script src="/page.js"></script></html>`;

const script = `
const query = new URLSearchParams(location.search);
const rpId = query.get('rp') ?? location.hostname;
const base = { challenge: new Uint8Array(32), timeout: 300 };
const say = (text) => { document.querySelector('[role=status]').textContent = text; };
const offered = new AbortController();
const told = (ceremony) => { say(''); offered.abort(); ceremony().then(say, (error) => say(error.name)); };

async function make() {
  const { authenticatorAttachment } = await navigator.credentials.create({ publicKey: { ...base,
    rp: { id: rpId, name: 'Acme' },
    user: { id: new TextEncoder().encode('jane-1'), name: 'jane@example.com', displayName: 'Jane' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  } });
  return 'made, ' + authenticatorAttachment;
}

async function use(options) {
  const { authenticatorAttachment, response } = await navigator.credentials.get({ ...options,
    publicKey: { ...base, rpId, userVerification: 'required' } });
  const count = new DataView(response.authenticatorData).getUint32(33);
  return 'hello ' + new TextDecoder().decode(response.userHandle) + ', ' + authenticatorAttachment + ', ' + count;
}

document.getElementById('make').onclick = () => { told(make); };
document.getElementById('use').onclick = () => { told(() => use({})); };
if (!query.has('quiet')) use({ mediation: 'conditional', signal: offered.signal })
  .then(say, (error) => { if (error.name !== 'AbortError') say(error.name); });
if (query.has('inline')) document.body.append(Object.assign(document.createElement('script'), { text: '1' }));
if (query.has('throw')) setTimeout(() => { throw new Error('nobody catches this'); });
`;

let listening: Listening;
beforeAll(async () => {
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', "default-src 'self'; img-src data:; style-src 'none'");
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : page);
  });
  listening = await listenOnLoopback(server);
});
afterAll(() => listening.close());

const at = (host: string, query = '') => `http://${host}:${listening.port}/?${query}`;
const press = (visitor: Visitor, name: string) => visitor.page.getByRole('button', { name }).click();

/** What the page says came of the last press; nothing is said before. */
const said = ({ page }: Pick<Visitor, 'page'>) =>
  page.getByRole('status').filter({ hasText: /./ }).innerText();

await describeInBrowser('passkeys', (browser) => {
  // A context costs more than all that happens in it: one for most tests, each with authenticators of its own.
  let jane: Visitor;
  beforeAll(async () => {
    jane = await openVisitor(browser());
  });
  afterAll(() => jane?.close());

  it('are made and used by button, and picked in the field', async () => {
    await using device = await jane.addAuthenticator();
    await jane.page.goto(at('localhost'));

    const added = device.next('added');
    await press(jane, 'Make');
    expect(await said(jane)).toBe('made, platform');
    const made = await added;
    expect(made).toMatchObject({ rpId: 'localhost', userName: 'jane@example.com', userDisplayName: 'Jane' });
    expect(Buffer.from(made.userHandle, 'base64url').toString()).toBe('jane-1');

    const asserted = device.next('asserted');
    await press(jane, 'Use');
    expect(await said(jane)).toBe('hello jane-1, platform, 2');
    expect(await asserted).toEqual({ ...made, signCount: 2 });

    await jane.page.reload();
    expect(await jane.page.evaluate('heldAutofill.isOffered()')).toBe(true);
    await jane.pickPasskey();
    expect(await said(jane)).toBe('hello jane-1, platform, 3');
    expect(jane.problems()).toEqual([]);

    await jane.page.reload();
    await jane.page.evaluate('document.querySelector("input").autocomplete = "username"');
    await expect(jane.pickPasskey()).rejects.toThrow('no field offers passkeys');
  });

  it('of a parent domain serve hosts below it; localhost itself is nobody’s parent', async () => {
    await using device = await jane.addAuthenticator();
    await jane.page.goto(at('login.acme.localhost', 'quiet&rp=acme.localhost'));
    await press(jane, 'Make');
    expect(await said(jane)).toBe('made, platform');
    expect(await device.credentials()).toMatchObject([{ rpId: 'acme.localhost' }]);

    await jane.page.goto(at('app.acme.localhost', 'quiet&rp=acme.localhost'));
    await press(jane, 'Use');
    expect(await said(jane)).toBe('hello jane-1, platform, 2');

    await jane.page.goto(at('acme.localhost', 'quiet&rp=localhost'));
    await press(jane, 'Make');
    expect(await said(jane)).toBe('SecurityError');
  });

  it('on another device are told as cross-platform, and are nobody else’s', async () => {
    await using phone = await jane.addAuthenticator({ kind: 'cross-device' });
    await using other = await openVisitor(browser(), { isPhone: true });
    await using device = await other.addAuthenticator();
    await Promise.all([jane, other].map((visitor) => visitor.page.goto(at('localhost', 'quiet'))));
    await press(jane, 'Make');
    expect(await said(jane)).toBe('made, cross-platform');
    await press(jane, 'Use');
    expect(await said(jane)).toBe('hello jane-1, cross-platform, 2');
    await press(other, 'Use');
    expect(await said(other)).toBe('NotAllowedError');

    // As a clone would have it: an older counter and another person's handle.
    const [passkey] = await phone.credentials();
    const userHandle = Buffer.from('joe-2').toString('base64url');
    await device.addCredential({ ...passkey!, userHandle, signCount: 0 });
    await press(other, 'Use');
    expect(await said(other)).toBe('hello joe-2, platform, 1');
    await device.removeCredential(passkey!.id);
    expect(await device.credentials()).toEqual([]);
    expect(await phone.credentials()).toHaveLength(1);

    expect(await other.page.evaluate('matchMedia("(pointer: coarse)").matches')).toBe(true);
    const file = path.join(import.meta.dirname, '../artefacts/browser/browser/phone.png');
    rmSync(file, { force: true });
    await other.screenshot('phone');
    expect(existsSync(file)).toBe(true);
  });

  it('are refused, and left waiting, by a person; and by a device that cannot verify one', async () => {
    {
      await using device = await jane.addAuthenticator();
      await jane.page.goto(at('localhost', 'quiet'));
      await press(jane, 'Make');
      expect(await said(jane)).toBe('made, platform');
      await device.setUserVerified(false);
      await press(jane, 'Use');
      expect(await said(jane)).toBe('NotAllowedError');
      await device.setUserVerified(true);
      await device.setPresent(false);
      await press(jane, 'Use');
      expect(await said(jane)).toBe('NotAllowedError');
      await device.setPresent(true);
      await press(jane, 'Use');
      expect(await said(jane)).toMatch(/^hello jane-1/);
    }
    await press(jane, 'Use');
    expect(await said(jane)).toBe('NotAllowedError');
    await using _cannotVerify = await jane.addAuthenticator({ hasUserVerification: false });
    await press(jane, 'Make');
    expect(await said(jane)).toBe('NotAllowedError');
  });

  it('in the field are answered at once where the test does not hold them, and refused without any', async () => {
    await using other = await openVisitor(browser(), { autofill: 'at-once' });
    await using _device = await other.addAuthenticator();
    await other.page.goto(at('localhost'));
    expect(await said(other)).toBe('NotAllowedError');
    await press(other, 'Make');
    expect(await said(other)).toBe('made, platform');
    await other.page.reload();
    expect(await said(other)).toBe('hello jane-1, platform, 2');
  });

  it('in a second page of the visitor are refused: the devices are those of the first', async () => {
    await using _device = await jane.addAuthenticator();
    const second = await jane.context.newPage();
    await second.goto(at('localhost', 'quiet'));
    await second.getByRole('button', { name: 'Use' }).click();
    expect(await said({ page: second })).toBe('NotAllowedError');
    await second.close();
  });

  it('come with what went wrong on the way', async () => {
    const before = jane.problems().length;
    await jane.page.goto(at('localhost', 'quiet&inline&throw'));
    const since = () => jane.problems().slice(before);
    await expect.poll(since).toHaveLength(2);
    expect(since().sort()).toEqual([
      expect.stringMatching(/^console: .*Content Security Policy/),
      'uncaught: nobody catches this',
    ]);
  });
});

it('Chromium is the one named, else the first on PATH', () => {
  const here = path.dirname(process.execPath);
  expect(findChromium({ PATH: here })).toBeUndefined();
  expect(findChromium({ DRAWBRIDGE_CHROMIUM: process.execPath, PATH: '' })).toBe(process.execPath);
  expect(() => findChromium({ DRAWBRIDGE_CHROMIUM: '/nowhere/chromium' })).toThrow(
    'DRAWBRIDGE_CHROMIUM is "/nowhere/chromium", which is no program',
  );
});
