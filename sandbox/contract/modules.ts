/**
 * Which modules scripts may require, and what a request for one resolves to. Pure and without imports: the guest
 * runs it inside the isolate, the service at load.
 */

export interface ModuleEntry {
  /** Tells versions of one name apart; the registry and the files of the build go by it. */
  id: string;
  name: string;
  version: string;
  /** `builtin`: part of the runtime. `library`: a source of its own, evaluated at its first require. */
  kind: 'builtin' | 'library';
  /** A library's source, relative to the guest build. */
  file?: string | undefined;
  /** Other requests that mean this module. */
  aliases: string[];
  /** What may follow the name and a slash: `promise` of `mysql2/promise`. */
  subpaths?: string[] | undefined;
  /** What follows the name and a slash is a property of the module: `lodash/get`, `uuid/v4`. */
  propertyPaths?: boolean | undefined;
  /** Pins of these majors, first and last, mean this version though the number of another is nearer. */
  pins?: [first: number, last: number] | undefined;
  /** What an author who pinned another major has to know, as the end of a sentence. */
  keeps?: string | undefined;
  /** Libraries, by id, that this one asks for when it is evaluated. */
  needs?: string[] | undefined;
}

export interface ModuleTable {
  /** Of several versions of a name, the first is meant by a request without a pin. */
  modules: ModuleEntry[];
  /** Bare globals of old scripts, with the module each stands for. */
  legacyGlobals: Record<string, string>;
}

export interface ResolvedModule {
  id: string;
  name: string;
  version: string;
  kind: ModuleEntry['kind'];
  /** The module's property that is meant, for `lodash/get`. */
  property?: string;
  /** The part of the package that is meant, for `mysql2/promise`. */
  subpath?: string;
  warning?: string;
}

export interface MissingModule {
  missing: true;
  available: string[];
}

/** Globals that Auth0's runtime had before Node 16 and that scripts still use without a require. */
export const legacyGlobals: Record<string, string> = {
  request: 'request',
  jwt: 'jsonwebtoken',
  bcrypt: 'bcrypt',
  uuid: 'uuid',
  querystring: 'querystring',
  _: 'lodash@3',
  async: 'async',
  mongo: 'mongo-getdb',
  mysql: 'mysql',
  mysql_pool: 'mysql/pool',
  ObjectID: 'mongo-getdb/ObjectID',
  pbkdf2: 'easy-pbkdf2/global',
  pg: 'pg',
  postgres: 'pg',
  q: 'q',
  sqlserver: 'tedious@1',
  xml2js: 'xml2js',
  xmldom: '@xmldom/xmldom',
  xpath: 'xpath',
  xtend: 'xtend',
};

interface ParsedRequest {
  name: string;
  pin: string | undefined;
  path: string | undefined;
}

/**
 * Takes `name`, `node:name`, `name@version`, `name/path` and `name@version/path`. A pin is answered by the version
 * on board of the same major, else by the one that stands for it or the nearest, with a warning.
 */
export function resolveModule(request: string, table: ModuleTable): ResolvedModule | MissingModule {
  const wanted = request.replace(/^node:/, '').replace(/\/$/, '');
  const whole = find(table, wanted);
  if (whole) return resolved(whole, undefined);
  const { name, pin, path } = parseRequest(wanted);
  const entry = path === undefined ? find(table, name, pin) : find(table, `${name}/${path}`);
  if (entry) return resolved(entry, pin);
  const parent = path === undefined ? undefined : find(table, name, pin);
  if (!parent || path === undefined) return { missing: true, available: availableNames(table) };
  const part = path.replace(/\.js$/, '');
  if (parent.subpaths?.includes(part)) return { ...resolved(parent, pin), subpath: part };
  if (parent.propertyPaths) return { ...resolved(parent, pin), property: part };
  return { missing: true, available: availableNames(table) };
}

/** Names a script may require, without subpaths and other spellings. */
export function availableNames(table: ModuleTable): string[] {
  const isWhole = (name: string) => name.startsWith('@') || !name.includes('/');
  return [...new Set(table.modules.map(({ name }) => name))].filter(isWhole).sort();
}

function parseRequest(request: string): ParsedRequest {
  const match = /^((?:@[^/@]+\/)?[^/@]+)(?:@([^/]*))?(?:\/(.+))?$/.exec(request);
  return { name: match?.[1] ?? request, pin: match?.[2] || undefined, path: match?.[3] };
}

function find(table: ModuleTable, name: string, pin?: string): ModuleEntry | undefined {
  const named = table.modules.filter((entry) => entry.name === name || entry.aliases.includes(name));
  const major = pin === undefined ? undefined : majorOf(pin);
  if (named.length < 2 || pin === undefined) return named[0];
  // `latest`, `*`
  if (major === undefined) return named.reduce((a, b) => (majorOfEntry(b) > majorOfEntry(a) ? b : a));
  const standsFor = named.find(({ pins }) => pins && pins[0] <= major && major <= pins[1]);
  const distance = (entry: ModuleEntry) => Math.abs(majorOfEntry(entry) - major);
  return (
    standsFor ?? named.reduce((nearest, entry) => (distance(entry) < distance(nearest) ? entry : nearest))
  );
}

function resolved(entry: ModuleEntry, pin: string | undefined): ResolvedModule {
  const { id, name, version, kind, keeps } = entry;
  const major = pin === undefined ? undefined : majorOf(pin);
  if (pin === undefined || major === majorOf(version)) return { id, name, version, kind };
  const kept = keeps === undefined ? '' : `; ${keeps}`;
  return {
    id,
    name,
    version,
    kind,
    warning: `${name}@${pin} is not on board; ${name} ${version} is used instead${kept}`,
  };
}

const majorOfEntry = (entry: ModuleEntry) => majorOf(entry.version) ?? 0;

/** The first number of a version or a range: 1 for `1.2.3`, `^1`, `~1.x`, `>=1`; none for `latest` and `*`. */
function majorOf(version: string): number | undefined {
  const digits = /^[\^~>=v\s]*(\d+)/.exec(version)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
