import { allFamilies, describeFamilies, ofMemory } from './describe-families.ts';

describeFamilies(
  allFamilies.filter(({ name }) => ofMemory.has(name)),
  { wallMs: 10_000, cpuMs: 8_000, memoryMb: 64 },
);
