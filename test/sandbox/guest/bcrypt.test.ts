import node from 'bcrypt';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
let bcrypt: GuestCrypto['bcrypt'];
beforeAll(async () => {
  guest = await loadGuestCrypto();
  bcrypt = guest.bcrypt;
});

const password = 'pässword';
const hashed = node.hashSync(password, 4);

const byCallback = <Result>(start: (done: (error: Error | undefined, result: Result) => void) => void) =>
  new Promise<Result>((resolve, reject) =>
    start((error, result) => (error ? reject(error) : resolve(result))),
  );

describe('bcrypt', () => {
  it('compares in each form', async () => {
    for (const [given, expected] of [
      [password, true],
      ['other', false],
    ] as const) {
      expect(bcrypt.compareSync(given, hashed)).toBe(expected);
      expect(await bcrypt.compare(given, hashed)).toBe(expected);
      expect(await byCallback<boolean>((done) => bcrypt.compare(given, hashed, done))).toBe(expected);
    }
    expect(await bcrypt.compare(Buffer.from(password), hashed)).toBe(true);
  });

  it('hashes in each form, and the package itself agrees', async () => {
    const made = [
      bcrypt.hashSync(password, 4),
      await bcrypt.hash(password, 4),
      await byCallback<string>((done) => bcrypt.hash(password, 4, done)),
      bcrypt.hashSync(Buffer.from(password), bcrypt.genSaltSync(4)),
      await bcrypt.hash(password, await bcrypt.genSalt(4)),
    ];
    for (const hash of made) {
      expect(node.compareSync(password, hash)).toBe(true);
      expect(bcrypt.getRounds(hash)).toBe(4);
    }
    expect(new Set(made).size).toBe(made.length);
    const salt = node.genSaltSync(4);
    expect(bcrypt.hashSync(password, salt)).toBe(node.hashSync(password, salt));
  });

  it('makes salts', async () => {
    expect(bcrypt.genSaltSync()).toMatch(/^\$2b\$10\$.{22}$/);
    expect(bcrypt.genSaltSync(12, 'a')).toMatch(/^\$2a\$12\$/);
    expect(await byCallback<string>((done) => bcrypt.genSalt(done))).toMatch(/^\$2b\$10\$/);
    expect(await byCallback<string>((done) => bcrypt.genSalt(5, 'a', done))).toMatch(/^\$2a\$05\$/);
    expect(await bcrypt.genSalt(6, 'b')).toMatch(/^\$2b\$06\$/);
  });

  it.each(['$2a$', '$2b$', '$2y$'])('compares hashes that begin with %s', async (version) => {
    const hash = `${version}${hashed.slice(4)}`;
    expect(bcrypt.compareSync(password, hash)).toBe(true);
    expect(await bcrypt.compare(password, hash)).toBe(true);
    expect(await bcrypt.compare('other', hash)).toBe(false);
    expect(bcrypt.getRounds(hash)).toBe(4);
  });

  it('finds nothing equal to what is no hash', async () => {
    for (const hash of ['', 'x', '5f4dcc3b5aa765d61d8327deb882cf99']) {
      expect(await bcrypt.compare(password, hash)).toBe(false);
    }
    expect(() => bcrypt.getRounds('x')).toThrow('invalid hash provided');
    expect(() => bcrypt.hashSync('x', 'x')).toThrow('Invalid salt');
  });

  it('bounds the rounds, of hashes as well', async () => {
    const tooMany = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    const costly = (rounds: number) => `$2b$${rounds}$${hashed.slice(7)}`;
    await expect(bcrypt.hash(password, 16)).rejects.toMatchObject(tooMany);
    await expect(bcrypt.compare(password, costly(31))).rejects.toMatchObject(tooMany);
    await expect(bcrypt.compare(password, costly(31).replace('$2b', '$2y'))).rejects.toMatchObject(tooMany);
    expect(() => bcrypt.hashSync(password, 14)).toThrow(expect.objectContaining(tooMany));
    expect(() => bcrypt.compareSync(password, costly(14))).toThrow(expect.objectContaining(tooMany));
  });

  it('answers mistakes where the result is awaited', async () => {
    await expect(bcrypt.hash(undefined as never, 4)).rejects.toThrow('data and salt arguments required');
    await expect(bcrypt.compare(password, undefined as never)).rejects.toThrow(
      'data and hash arguments required',
    );
    await expect(byCallback((done) => bcrypt.compare(password, null as never, done))).rejects.toThrow(
      'data and hash arguments required',
    );
    await expect(bcrypt.hash(1 as never, 4)).rejects.toThrow('data must be a string or Buffer');
    expect(() => bcrypt.compareSync(1 as never, hashed)).toThrow('data must be a string or Buffer');
  });
});

describe('bcryptjs', () => {
  it('works as it is', async () => {
    const { bcryptjs } = guest;
    expect(bcryptjs.compareSync(password, hashed)).toBe(true);
    expect(await bcryptjs.compare(password, hashed)).toBe(true);
    const made = await bcryptjs.hash(password, 4);
    expect(await bcrypt.compare(password, made)).toBe(true);
    expect(node.compareSync(password, bcryptjs.hashSync(password, 4))).toBe(true);
  });
});
