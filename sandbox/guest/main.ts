/**
 * What the startup snapshot is made of. Evaluated once, when the snapshot is made; a context is a copy of the heap
 * it leaves. It leaves two globals: the host takes `__drawbridge_boot` and both are gone before a script runs.
 */
import { boot } from './entry.ts';
import { installGlobals } from './globals.ts';
import { defineLibrary, requireModule } from './registry.ts';

installGlobals();

const forTheHost = {
  __drawbridge_boot: boot,
  /** For libraries executed into the snapshot: their source calls this. */
  __drawbridge_define: defineLibrary,
  __drawbridge_preload: requireModule,
};
for (const [name, value] of Object.entries(forTheHost)) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
