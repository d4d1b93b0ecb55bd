import { allFamilies, describeFamilies, ofNetwork } from './describe-families.ts';

describeFamilies(
  allFamilies.filter(({ name }) => ofNetwork.has(name)),
  // Several clients in one script take a while to load when the machine is busy.
  { wallMs: 2_000, cpuMs: 1_000, memoryMb: 64 },
);
