import { availableNames, type ModuleTable, type ResolvedModule, resolveModule } from '../contract/modules.ts';
import { nearestModule } from '../contract/nearest-module.ts';
import { callHost } from './bridge.ts';
import { builtins } from './modules/index.ts';

/** Put in by the build. */
declare const __DRAWBRIDGE_MODULES__: ModuleTable;

export type Require = ((request: string) => unknown) & {
  resolve(request: string): string;
  cache: Record<string, unknown>;
};
interface LibraryModule {
  exports: unknown;
  /** Loads what a path behind the library's name means. */
  subpaths?: Record<string, () => unknown>;
}
type LibraryFactory = (require: Require, module: LibraryModule, exports: unknown) => void;

/** How bundles ask for other libraries, by id: `own:` for an instance that nobody else gets, to change it. */
const SHARED = 'library:';
const OWN = 'own:';

const table = __DRAWBRIDGE_MODULES__;
const factories = new Map<string, LibraryFactory>();
const instances = new Map<string, unknown>();
const subpathsOf = new Map<string, LibraryModule['subpaths']>();
const listeners = new Map<string, (exports: unknown) => void>();

/** What each library's source calls, as `__drawbridge_define`. */
export function defineLibrary(id: string, factory: LibraryFactory): void {
  factories.set(id, factory);
}

/** Hears of a library once per context, after it has been evaluated and before a script sees it. */
export function onLibraryLoaded(id: string, listener: (exports: unknown) => void): void {
  listeners.set(id, listener);
}

/** Throws an Error with code MODULE_NOT_FOUND that names the module which was meant, where one is near. */
export function requireModule(request: string): unknown {
  const { id, kind, property, subpath } = resolveRequest(request);
  const module = kind === 'builtin' ? requireBuiltin(id) : requireLibrary(id);
  if (subpath !== undefined) return subpathsOf.get(id)?.[subpath]?.();
  if (property === undefined) return module;
  const member = (module as Record<string, unknown>)[property];
  if (member === undefined) throw notFound(request);
  return member;
}

/** Throws as `requireModule` does. */
export function resolveRequest(request: unknown): ResolvedModule {
  if (typeof request !== 'string') {
    throw Object.assign(new TypeError('The "id" argument must be of type string'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  const resolved = resolveModule(request, table);
  if ('missing' in resolved) throw notFound(request);
  return resolved;
}

function notFound(request: string): Error {
  const names = availableNames(table);
  const nearest = nearestModule(request, names);
  const hint =
    nearest === undefined
      ? `Modules on board: ${names.join(', ')}`
      : `Did you mean '${nearest}'? docs/modules.md lists the modules there are`;
  const message = `Cannot find module '${request}'. ${hint}`;
  return Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });
}

function requireBuiltin(name: string): unknown {
  const known = instances.get(name);
  if (known !== undefined) return known;
  const exports = builtins[name]?.();
  if (exports === undefined) throw notFound(name);
  instances.set(name, exports);
  return exports;
}

function requireLibrary(id: string): unknown {
  if (instances.has(id)) return instances.get(id);
  const { exports, subpaths } = evaluate(id, (partial) => instances.set(id, partial));
  instances.set(id, exports);
  subpathsOf.set(id, subpaths);
  listeners.get(id)?.(exports);
  return exports;
}

/** `onStart` gets the exports as they are at first, for circles. */
function evaluate(id: string, onStart?: (exports: unknown) => void): LibraryModule {
  const factory = factories.get(id) ?? fetchLibrary(id);
  const module: LibraryModule = { exports: {} };
  onStart?.(module.exports);
  try {
    factory(libraryRequire(), module, module.exports);
  } catch (error) {
    instances.delete(id);
    throw error;
  }
  return module;
}

function libraryRequire(): Require {
  const require = (request: string) => {
    if (request.startsWith(SHARED)) return requireLibrary(request.slice(SHARED.length));
    if (request.startsWith(OWN)) return evaluate(request.slice(OWN.length)).exports;
    return requireModule(request);
  };
  return Object.assign(require, { resolve: (request: string) => request, cache: {} });
}

// biome-ignore lint/security/noGlobalEval: a library's source is code, and it may see no scope but the global one
const evaluateAtTopLevel = eval;

function fetchLibrary(id: string): LibraryFactory {
  const { payload } = callHost('library', { id });
  if (typeof payload !== 'string') throw notFound(id);
  const before = Object.getOwnPropertyDescriptor(globalThis, '__drawbridge_define');
  Object.defineProperty(globalThis, '__drawbridge_define', { value: defineLibrary, configurable: true });
  try {
    evaluateAtTopLevel(`${payload}\n//# sourceURL=drawbridge:library/${id}`);
  } finally {
    if (before) Object.defineProperty(globalThis, '__drawbridge_define', before);
    else Reflect.deleteProperty(globalThis, '__drawbridge_define');
  }
  const factory = factories.get(id);
  if (!factory) throw notFound(id);
  return factory;
}
