import { candidatePaths, isRelative, shownPath } from '../contract/helper-paths.ts';
import { type Require, requireModule, resolveRequest } from './registry.ts';

/** Node's `module`, as far as scripts look at it. */
export interface FileModule {
  id: string;
  path: string;
  filename: string;
  exports: unknown;
  loaded: boolean;
  children: FileModule[];
  paths: string[];
}

/** A helper file's source inside the wrapper that the host puts around it. */
type Factory = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: FileModule,
  filename: string,
  dirname: string,
) => void;

interface HelperSet {
  /** By name, without a slash before it; a text is that of a JSON file. */
  sources: Map<string, Factory | string>;
  /** `require.cache`: by the name with a slash before it. As in Node, scripts may take modules out of it. */
  cache: Record<string, FileModule | undefined>;
}

const sets = new Map<number, HelperSet>();
const { parse } = JSON;

/** What each helper file's source calls, as `__drawbridge_helper`: once for each script that sees the file. */
export function defineHelper(number: number, file: string, source: Factory | string): void {
  const { sources } = setOf(number);
  if (!sources.has(file)) sources.set(file, source);
}

/** The module of a script that is to be evaluated. Helper files that require it back get what it exports so far. */
export function openScriptModule(file: string, number: number | undefined) {
  const set = number === undefined ? emptySet() : setOf(number);
  const module = makeModule(file);
  if (!set.cache[module.filename]?.loaded) set.cache[module.filename] = module;
  return { module, require: makeRequire(file, module, set) };
}

function setOf(number: number): HelperSet {
  const set = sets.get(number) ?? emptySet();
  sets.set(number, set);
  return set;
}

function emptySet(): HelperSet {
  return { sources: new Map(), cache: Object.create(null) };
}

function makeModule(file: string): FileModule {
  const filename = `/${file}`;
  const path = filename.slice(0, filename.lastIndexOf('/')) || '/';
  return { id: filename, path, filename, exports: {}, loaded: false, children: [], paths: [] };
}

/** The `require` of one file: paths lead to the set's files, names to the modules on board. */
function makeRequire(file: string, module: FileModule, set: HelperSet): Require {
  const find = (request: unknown): string | undefined =>
    typeof request === 'string' && (isRelative(request) || request.startsWith('/'))
      ? findFile(request, file, set)
      : undefined;
  const require = (request: string): unknown => {
    const found = find(request);
    return found === undefined ? requireModule(request) : load(found, module, set);
  };
  return Object.assign(require, {
    resolve(request: string): string {
      const found = find(request);
      return found === undefined ? resolveRequest(request).name : `/${found}`;
    },
    cache: set.cache as Record<string, unknown>,
  });
}

function findFile(request: string, from: string, { sources, cache }: HelperSet): string {
  const candidates = candidatePaths(shownPath(request), from);
  const found = candidates.find((path) => sources.has(path) || cache[`/${path}`]);
  if (found !== undefined) return found;
  const names = [...sources.keys()].sort();
  const there =
    names.length === 0 ? 'This connection has no helper files' : `Helper files: ${names.join(', ')}`;
  const message =
    `Cannot find module '${request}' from ${from}. A file is there only when a script or a helper file requires it ` +
    `by a literal path, as in require('./helpers'); of a folder it is the index.js, whatever main of a package.json says. ` +
    there;
  throw Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });
}

function load(file: string, parent: FileModule, set: HelperSet): unknown {
  const known = set.cache[`/${file}`];
  if (known) return known.exports;
  const module = makeModule(file);
  set.cache[module.filename] = module;
  parent.children.push(module);
  try {
    evaluate(file, module, set);
  } catch (error) {
    delete set.cache[module.filename];
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

function evaluate(file: string, module: FileModule, set: HelperSet): void {
  const source = set.sources.get(file);
  if (typeof source === 'string') module.exports = parse(source);
  else {
    const require = makeRequire(file, module, set);
    source?.call(module.exports, module.exports, require, module, module.filename, module.path);
  }
}
