import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

const file = path.join(import.meta.dirname, '..', 'package-lock.json');
const { packages } = Lock.parse(JSON.parse(readFileSync(file, 'utf8')));

// npm leaves out what the registry of the moment does not have, says nothing, and `npm ci` then refuses the lock file.
it('has the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([name, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((optional) => !(`node_modules/${optional}` in packages))
      .filter((optional) => !(`${name}/node_modules/${optional}` in packages))
      .map((optional) => `${name} wants ${optional}`),
  );

  expect(missing).toEqual([]);
});

it('knows every package by its hash and names no registry', () => {
  const installed = Object.entries(packages).filter(([name]) => name !== '');

  expect(installed.filter(([, { integrity }]) => !integrity).map(([name]) => name)).toEqual([]);
  expect(installed.filter(([, { resolved }]) => resolved).map(([name]) => name)).toEqual([]);
});
