import { expect, test } from 'vitest';
import { allFamilies, describeFamilies, ofMemory, ofNetwork } from './describe-families.ts';

describeFamilies(
  allFamilies.filter(({ name }) => !ofMemory.has(name) && !ofNetwork.has(name)),
  { wallMs: 1_500, cpuMs: 500, memoryMb: 64 },
);

test('there are at least 300 attacks, each of its own', () => {
  const attacks = allFamilies.flatMap(({ attacks }) => attacks);
  expect(attacks.length).toBeGreaterThanOrEqual(300);
  expect(new Set(attacks.map(({ script }) => script)).size).toBe(attacks.length);
});

test('a file makes each of them', () => {
  const names = new Set(allFamilies.map(({ name }) => name));
  for (const name of [...ofMemory, ...ofNetwork]) expect(names).toContain(name);
});
