import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from './attack.ts';
import { type HostileService, startHostileService } from './hostile-service.ts';

/** Every attack of test/hostile/families, made on the real service; see hostile-service.ts for what is asserted. */
const families: Family[] = await Promise.all(
  readdirSync(`${import.meta.dirname}/families`)
    .sort()
    .map(async (file) => (await import(`./families/${file.slice(0, -3)}.ts`)).family),
);

/** Memory has to be used up before time is. */
const roomy = new Set(['heap', 'buffers']);

describe.each([
  [
    'little time',
    { wallMs: 1_500, cpuMs: 500, memoryMb: 64 },
    families.filter(({ name }) => !roomy.has(name)),
  ],
  [
    'much time',
    { wallMs: 10_000, cpuMs: 8_000, memoryMb: 64 },
    families.filter(({ name }) => roomy.has(name)),
  ],
] as const)('scripts that have %s', (_, limits, some) => {
  let service: HostileService;
  beforeAll(async () => {
    service = await startHostileService(some, limits);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  describe.each(some)('$name', (family) => {
    beforeAll(() => service.open(family));
    test.each(family.attacks)('$name', (attack) => service.attack(family, attack));
    afterAll(() => service.close());
  });

  test('the memory of the process comes back', async () => {
    const { beganMb, endedMb } = await service.memory();
    console.log(`memory: ${Math.round(beganMb)} MB at first, ${Math.round(endedMb)} MB in the end`);
    // Aimed at is 1.2, which is what comes of it on a machine that does nothing else.
    expect(endedMb / beganMb).toBeLessThan(1.3);
  });
});

test('there are at least 300 attacks, each of its own', () => {
  const attacks = families.flatMap(({ attacks }) => attacks);
  expect(attacks.length).toBeGreaterThanOrEqual(300);
  expect(new Set(attacks.map(({ script }) => script)).size).toBe(attacks.length);
});
