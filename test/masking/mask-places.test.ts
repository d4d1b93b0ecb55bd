import { expect, it } from 'vitest';
import { createMask } from '../../src/masking/mask-secrets.ts';

const mask = createMask(
  {
    DB_HOST: 'db.example.com',
    DB_PORT: '5432',
    REPLICA: '10.1.2.3',
    LOCAL: 'localhost',
    TLS: 'true',
    TABLE: 'users',
    PIN: '1234',
    TENANT: 'acme.example.com',
    API_TOKEN: 'a-long-secret-token',
  },
  { passwords: ['hunter2'] },
);

it('leaves a place that a driver could not reach as the script named it', () => {
  for (const text of [
    'connect ECONNREFUSED 10.1.2.3:5432',
    'getaddrinfo ENOTFOUND db.example.com',
    'localhost',
  ]) {
    expect(mask(text)).toBe(text);
  }
});

it('masks what only looks like a place', () => {
  expect(mask('1234 at acme.example.com')).toBe('[configuration.PIN] at [configuration.TENANT]');
});

it('masks a short value where it stands alone', () => {
  expect(mask('table users of user_id, superusers')).toBe(
    'table [configuration.TABLE] of user_id, superusers',
  );
});

it('masks a long value wherever it stands', () => {
  expect(mask('xa-long-secret-tokenx')).toBe('x[configuration.API_TOKEN]x');
});

it('masks passwords, whatever stands beside them', () => {
  expect(mask('xhunter2x')).toBe('x[password]x');
});
