import { createRequire } from 'node:module';
import { expect, it } from 'vitest';

const refused = createRequire(import.meta.url)('../../../sandbox/build/shims/refused.cjs');

it('a package that is left out loads, and refuses by name what is called or made of it', () => {
  const azure = refused('@azure/identity', { MemoryCache: Map });
  expect(azure.__esModule).toBeUndefined();
  expect(new azure.MemoryCache().size).toBe(0);
  const refusal = expect.objectContaining({
    code: 'ERR_METHOD_NOT_IMPLEMENTED',
    message:
      'ERR_METHOD_NOT_IMPLEMENTED: @azure/identity ClientSecretCredential is not available to action scripts',
  });
  const { ClientSecretCredential } = azure;
  expect(() => new ClientSecretCredential('t', 'c', 's')).toThrow(refusal);
  expect(() => ClientSecretCredential()).toThrow(refusal);
});
