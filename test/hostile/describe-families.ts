import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from './attack.ts';
import { type HostileLimits, type HostileService, startHostileService } from './hostile-service.ts';

/** Of test/hostile/families, all that there are. */
export const allFamilies: readonly Family[] = await Promise.all(
  readdirSync(`${import.meta.dirname}/families`)
    .sort()
    .map(async (file) => (await import(`./families/${file.slice(0, -3)}.ts`)).family),
);

/** Memory has to be used up before time is. */
export const ofMemory: ReadonlySet<string> = new Set(['heap', 'buffers']);
export const ofNetwork: ReadonlySet<string> = new Set(['addresses', 'http', 'sockets']);

/** Every attack of some families, made on one real service; see hostile-service.ts for what is asserted. */
export function describeFamilies(families: readonly Family[], limits: HostileLimits): void {
  let service: HostileService;
  beforeAll(async () => {
    service = await startHostileService(families, limits);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  describe.each(families)('$name', (family) => {
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
}
