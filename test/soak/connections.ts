import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SoakOptions } from './options.ts';

export const goodConnections = ['north', 'east', 'south', 'west'] as const;
/** Its files are written again while it is called. */
export const changingConnection = 'changing';

export const badUpstreams = ['hang', 'half', 'reset', 'garbage'] as const;

/** Scripts that do harm, each a connection `hostile-<name>`. */
export const hostileScripts: Readonly<Record<string, string>> = {
  loop: 'for (;;);',
  memory: 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));',
  buffers: 'const all = []; for (;;) all.push(Buffer.alloc(8e6));',
  promises: 'const again = () => Promise.resolve().then(again); again();',
  builtin: 'new Array(2 ** 27).fill(0).sort();',
  timers: 'for (let n = 0; n < 1e6; n++) setTimeout(() => {}, 1e6); callback(null, null);',
  output: "for (let n = 0; n < 1e5; n++) console.log('x'.repeat(10000)); callback(null, null);",
  result: "callback(null, { user_id: '1', user_metadata: { text: 'x'.repeat(5e6) } });",
  silence: '',
  late: 'callback(null, null); for (;;);',
  throws: 'throw { get message() { for (;;); } };',
};

const lookUp = `const answer = await fetch(configuration.URL + '/users?identifier=' + encodeURIComponent(identifier));
  callback(null, await answer.json());`;
const getUser = `async function getUser(identifier, context, callback) { ${lookUp} }`;

function goodScripts({ sabotage }: Pick<SoakOptions, 'sabotage'>) {
  const post =
    "const answer = await fetch(configuration.URL + '/users', { method: 'POST', body: JSON.stringify({ email: user.email }) });";
  return {
    get_user: getUser,
    login: `async function login(identifier, password, context, callback) {
  if (password !== configuration.PASSWORD) return callback(new WrongUsernameOrPasswordError(identifier));
  ${lookUp}
}`,
    create: `async function create(user, context, callback) {
  ${sabotage === 'double-create' ? `{ ${post} }` : ''}
  ${post}
  callback(null, await answer.json());
}`,
  };
}

/** Paths within the directory that is served, with what is in them. */
export type Files = Record<string, string>;

function connectionFiles(name: string, scripts: Record<string, string>, configuration: object = {}): Files {
  const folder = `database-connections/${name}`;
  const actions = Object.keys(scripts);
  const customScripts = Object.fromEntries(actions.map((action) => [action, `./${action}.js`]));
  const options = { enable_script_context: true, configuration, customScripts };
  return {
    [`${folder}/database.json`]: JSON.stringify({ name, strategy: 'auth0', options }),
    ...Object.fromEntries(actions.map((action) => [`${folder}/${action}.js`, scripts[action]!])),
  };
}

export async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** All files of the directory that is served. */
export function filesOf(storeUrl: string, password: string, options: Pick<SoakOptions, 'sabotage'>): Files {
  const configured = (URL: string) => ({ URL, PASSWORD: password });
  const good = [...goodConnections, changingConnection].map((name) =>
    connectionFiles(name, goodScripts(options), configured(`${storeUrl}/${name}`)),
  );
  const bad = badUpstreams.map((how) =>
    connectionFiles(`upstream-${how}`, { get_user: getUser }, configured(`${storeUrl}/bad/${how}`)),
  );
  const hostile = Object.entries(hostileScripts).map(([name, source]) =>
    connectionFiles(`hostile-${name}`, {
      get_user: `function getUser(identifier, context, callback) { ${source} }`,
    }),
  );
  return Object.assign({}, ...good, ...bad, ...hostile) as Files;
}

/** Another version of the script that changes, or one that does not compile, which must not be served. */
export function changedScript(version: number, broken: boolean): Files {
  const source = broken ? `${getUser} // version ${version}\n)` : `${getUser} // version ${version}\n`;
  return { [`database-connections/${changingConnection}/get_user.js`]: source };
}
