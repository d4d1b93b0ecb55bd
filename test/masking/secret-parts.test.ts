import { expect, it } from 'vitest';
import { createMask } from '../../src/masking/mask-secrets.ts';
import { secretParts } from '../../src/masking/secret-parts.ts';

const rows: [value: string, parts: string[]][] = [
  ['postgres://app:p%40ss@db.example.com:5432/store?sslmode=require', ['p%40ss', 'p@ss']],
  ['mongodb://app:secret1@one:27017,two:27017/store?authSource=admin', ['secret1']],
  ['mongodb+srv://app:un@escaped/slash@cluster.example.com/', ['un@escaped/slash', 'un']],
  ['redis://:only-a-password@127.0.0.1:6379/0', ['only-a-password']],
  ['https://api.example.com/users?api_key=abcdef&page=1#x', ['abcdef']],
  ['mysql://root@localhost/store', []],
  ['https://api.example.com/a@b:c', []],
  ['Server=tcp:db,1433;User ID=app;Password=p{a}ss;Encrypt=true', ['p{a}ss']],
  ['host=db user=app password="two words" dbname=store', ['"two words"', 'two words']],
  ['AccountName=store;AccountKey=abc123==;EndpointSuffix=core', ['abc123==']],
  ['a plain value', []],
  ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n', []],
];
it.each(rows)('%s', (value, parts) => {
  expect(new Set(secretParts(value).filter((part) => part !== ''))).toEqual(new Set(parts));
});

it('is masked with the rest, hosts are not', () => {
  const mask = createMask({ PG_URL: 'postgres://app:p%40ssword@db.example.com:5432/store' });
  expect(mask('AUTH p@ssword failed at db.example.com:5432')).toBe(
    'AUTH [configuration.PG_URL] failed at db.example.com:5432',
  );
  expect(mask('postgres://app:p%40ssword@db.example.com:5432/store is no URL')).toBe(
    '[configuration.PG_URL] is no URL',
  );
  expect(mask(`Basic ${Buffer.from('p@ssword').toString('base64')}`)).toBe('Basic [configuration.PG_URL]');
});

it.each([
  ['spaces', ' '.repeat(65_536)],
  ['words', ' a'.repeat(32_768)],
  ['a word for a secret', `a://?${'pass'.repeat(16_384)}`],
  ['a password without a value', `;password${' '.repeat(65_536)}`],
])('%s without end are read in no time', (_what, value) => {
  const began = performance.now();
  secretParts(value);
  // With patterns that go back over what they have read it was ten seconds.
  expect(performance.now() - began).toBeLessThan(1_000);
});
