import { availableNames, type ModuleTable, type ResolvedModule, resolveModule } from '../contract/modules.ts';
import { callHost } from './bridge.ts';
import { builtins } from './modules/index.ts';

/** Put in by the build. */
declare const __DRAWBRIDGE_MODULES__: ModuleTable;

export type Require = ((request: string) => unknown) & {
  resolve(request: string): string;
  cache: Record<string, unknown>;
};
type LibraryFactory = (require: Require, module: { exports: unknown }, exports: unknown) => void;

/** Libraries ask for an instance of their own of what they change: request-promise, of request. */
const PRIVATE = 'private:';

const table = __DRAWBRIDGE_MODULES__;
const factories = new Map<string, LibraryFactory>();
const instances = new Map<string, unknown>();
const listeners = new Map<string, (exports: unknown) => void>();

/** What each library's source calls, as `__drawbridge_define`. */
export function defineLibrary(name: string, factory: LibraryFactory): void {
  factories.set(name, factory);
}

/** Hears of a library once per context, after it has been evaluated and before a script sees it. */
export function onLibraryLoaded(name: string, listener: (exports: unknown) => void): void {
  listeners.set(name, listener);
}

/** Throws an Error with code MODULE_NOT_FOUND that names the modules there are. */
export function requireModule(request: string): unknown {
  const { name, kind, property } = resolveRequest(request);
  const module = kind === 'builtin' ? requireBuiltin(name) : requireLibrary(name);
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
  const message = `Cannot find module '${request}'. Modules on board: ${availableNames(table).join(', ')}`;
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

function requireLibrary(name: string): unknown {
  if (instances.has(name)) return instances.get(name);
  const exports = evaluate(name, (partial) => instances.set(name, partial));
  instances.set(name, exports);
  listeners.get(name)?.(exports);
  return exports;
}

/** `onStart` gets the exports as they are at first, for circles. */
function evaluate(name: string, onStart?: (exports: unknown) => void): unknown {
  const factory = factories.get(name) ?? fetchLibrary(name);
  const module: { exports: unknown } = { exports: {} };
  onStart?.(module.exports);
  try {
    factory(libraryRequire(), module, module.exports);
  } catch (error) {
    instances.delete(name);
    throw error;
  }
  return module.exports;
}

function libraryRequire(): Require {
  const require = (request: string) =>
    request.startsWith(PRIVATE) ? evaluate(request.slice(PRIVATE.length)) : requireModule(request);
  return Object.assign(require, { resolve: (request: string) => request, cache: {} });
}

// biome-ignore lint/security/noGlobalEval: a library's source is code, and it may see no scope but the global one
const evaluateAtTopLevel = eval;

function fetchLibrary(name: string): LibraryFactory {
  const { payload } = callHost('library', { name });
  if (typeof payload !== 'string') throw notFound(name);
  const before = Object.getOwnPropertyDescriptor(globalThis, '__drawbridge_define');
  Object.defineProperty(globalThis, '__drawbridge_define', { value: defineLibrary, configurable: true });
  try {
    evaluateAtTopLevel(`${payload}\n//# sourceURL=drawbridge:library/${name}`);
  } finally {
    if (before) Object.defineProperty(globalThis, '__drawbridge_define', before);
    else Reflect.deleteProperty(globalThis, '__drawbridge_define');
  }
  const factory = factories.get(name);
  if (!factory) throw notFound(name);
  return factory;
}
