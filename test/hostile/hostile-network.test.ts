import { allFamilies, describeFamilies, ofNetwork } from './describe-families.ts';

describeFamilies(
  allFamilies.filter(({ name }) => ofNetwork.has(name)),
  { wallMs: 1_500, cpuMs: 500, memoryMb: 64 },
);
