import { legacyGlobals, type ModuleTable } from '../../sandbox/contract/modules.ts';

/** A small table of modules, so that a test does not depend on what is on board. */
export const moduleTable: ModuleTable = {
  modules: [
    { id: 'axios', name: 'axios', version: '1.7.0', kind: 'library', aliases: [] },
    { id: 'bcrypt', name: 'bcrypt', version: '6.0.0', kind: 'library', aliases: [] },
    { id: 'crypto', name: 'crypto', version: '24.0.0', kind: 'builtin', aliases: [] },
  ],
  legacyGlobals,
};
