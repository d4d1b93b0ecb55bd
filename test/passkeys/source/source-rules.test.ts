import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { checkSource } from '../../../src/passkeys/source/check-source.ts';
import type { SourceCode } from '../../../src/passkeys/source/source-codes.ts';
import { checkOne, modules } from './check-connection.ts';

const heads: Partial<Record<ActionName, string>> = {
  login: 'async function login(email, password, context, callback)',
  get_user: 'async function getUser(id, context, callback)',
  create: 'async function create(user, context, callback)',
};

/** Whether a body of that action's script has a finding of that code. */
function finds(code: SourceCode, action: ActionName, body: string): boolean {
  return checkOne(`${heads[action]} {\n${body}\n}`, action).some((finding) => finding.code === code);
}

const filled = (text: string) => text.replaceAll('#{', '$' + '{');

/** Snippets in which `#{` stands for the beginning of a placeholder of a template. */
function table(code: SourceCode, action: ActionName, found: string[], sound: string[]) {
  describe(code, () => {
    it.each(found)(`${action}: %s`, (body) => expect(finds(code, action, filled(body))).toBe(true));
    it.each(sound)(`not in ${action}: %s`, (body) => expect(finds(code, action, filled(body))).toBe(false));
  });
}

const asAxios = "const axios = require('axios'); ";

table(
  'identifier_unencoded',
  'get_user',
  [
    `${asAxios} await axios.get(\`/users/#{id}\`);`,
    `${asAxios} await axios.get('/users/' + id);`,
    `${asAxios} const url = '/users/' + id; await axios.get(url);`,
    `${asAxios} const email = id.toLowerCase().trim(); await axios.get(\`/users?email=#{email}\`);`,
    `${asAxios} await axios({ method: 'get', url: \`/users/#{id}\` });`,
    `${asAxios} const options = { url: \`/users/#{id}\` }; await axios.request(options);`,
    `${asAxios} const api = axios.create({ timeout: 9 }); await api.get('/users/' + id);`,
    `${asAxios} await axios.get(encodeURI(\`/users/#{id}\`));`,
    `${asAxios} const find = (value) => axios.get(\`/users/#{value}\`); await find(id);`,
    `${asAxios} const urlOf = (value) => '/users/' + value; await axios.get(urlOf(id));`,
    `${asAxios} const path = context.identifierType === 'user_id' ? \`/users/#{id}\` : '/users'; await axios.get(path);`,
    'await fetch(`/users/#{id}`);',
    'await fetch(new URL(`/users/#{id}`, base));',
    "request('/users/' + id, callback);",
    "const request = require('request'); request.get({ uri: '/users/' + id }, callback);",
    "const got = require('got'); await got(`/users/#{id}`);",
    "const https = require('https'); https.request({ host: 'a', path: '/users/' + id }, callback);",
    'let url = base; url += id; await fetch(url);',
  ],
  [
    `${asAxios} await axios.get(\`/users/#{encodeURIComponent(id)}\`);`,
    `${asAxios} const value = encodeURIComponent(id); await axios.get('/users/' + value);`,
    `${asAxios} await axios.get('/users', { params: { id } });`,
    `${asAxios} await axios.post('/users', { id });`,
    `${asAxios} await axios.get(\`/users?#{new URLSearchParams({ id })}\`);`,
    `${asAxios} await axios.get('/users?' + require('querystring').stringify({ id }));`,
    `${asAxios} const path = context.identifierType === 'user_id' ? '/a' : '/b'; await axios.get(path, { params: { q: id } });`,
    `${asAxios} await axios.get('/users', { headers: { 'x-id': id } });`,
    'const url = new URL("/users", base); url.searchParams.set("id", id); await fetch(url);',
    'request({ url: "/users", qs: { id } }, callback);',
    'console.log(`/users/#{id}`);',
    'cache.get(`users/#{id}`);',
    'new Map().get(id);',
    'await fetch(`/users/#{configuration.KIND}`);',
    'await fetch(`/users/#{id.length}`);',
    'function show(id) { return fetch(`/users/#{id}`); } await show(7);',
  ],
);

table(
  'identifier_in_sql',
  'get_user',
  [
    "await db.query(`SELECT * FROM users WHERE email = '#{id}'`);",
    'db.query("SELECT * FROM users WHERE email = \'" + id + "\'", callback);',
    'const sql = "SELECT * FROM users WHERE id = " + id; await db.execute(sql);',
    'let sql = "SELECT * FROM users"; sql += " WHERE id = " + id; await db.query(sql);',
    "await db.query({ text: `SELECT * FROM users WHERE id = '#{id}'` });",
    "new Request(`SELECT * FROM users WHERE id = '#{id}'`, callback);",
    "const find = (value) => db.query(`select id from users where id = '#{value}'`); await find(id.trim());",
  ],
  [
    'await db.query("SELECT * FROM users WHERE id = $1", [id]);',
    'db.query("SELECT * FROM users WHERE id = ?", id, callback);',
    'await db.query(`SELECT * FROM users WHERE id = #{db.escape(id)}`);',
    'await sql.query`SELECT * FROM users WHERE id = #{id}`;',
    'const column = context.identifierType === "user_id" ? "id" : "email"; await db.query(`SELECT * FROM users WHERE #{column} = $1`, [id]);',
    'await db.query({ text: "SELECT * FROM users WHERE id = $1", values: [id] });',
    'await store.query(id);',
  ],
);

table(
  'identifier_type_unread',
  'get_user',
  [
    'await find(id);',
    'log(context.organization);',
    'const { organization } = context; find(id, organization);',
  ],
  [
    "if (context.identifierType === 'user_id') find(id);",
    'const { identifierType } = context; find(id, identifierType);',
    "const type = context['identifierType']; find(id, type);",
    'find(id, context);',
    'const { organization, ...rest } = context; find(id, rest);',
    'const kind = context?.identifierType; find(kind);',
    'find({ ...context });',
    'const all = context; find(all.identifierType);',
    'find.apply(null, arguments);',
  ],
);

table(
  'identifier_type_misread',
  'get_user',
  [
    "if (context.identifierType === 'email') find(id);",
    "switch (context.identifierType) { case 'email': find(id); break; case 'username': find(id); }",
    "const { identifierType } = context; if (identifierType !== 'id') find(id);",
  ],
  [
    "if (context.identifierType === 'user_id') find(id);",
    "if (context.identifierType !== 'user_id') find(id);",
    "const identifierType = context.identifierType || 'email'; if (identifierType === 'email') find(id);",
    "switch (context.identifierType) { case 'user_id': find(id); break; case 'email': find(id); }",
    'if (context.identifierType) find(id);',
    'if (context.identifierType === undefined) find(id);',
  ],
);

const answer = (id: string) => `const u = await find(id); callback(null, { user_id: ${id} });`;

table(
  'generated_user_id',
  'get_user',
  [
    answer('uuid()'),
    answer("require('crypto').randomUUID()").replace("require('crypto')", 'crypto'),
    answer('String(Date.now())'),
    answer('Math.random().toString(36)'),
    answer('u.id || uuidv4()'),
    'const newId = nanoid(); callback(null, { user_id: newId });',
    'const toProfile = (u) => ({ user_id: uuid(), email: u.email }); callback(null, toProfile(await find(id)));',
    'const profile = { user_id: uuid.v4() }; callback(null, profile);',
  ],
  [
    answer('u.id'),
    'const newId = uuid(); await save(newId); callback(null, { user_id: newId });',
    'callback(null, { user_id: (await find(id)).id, seen: Date.now() });',
    'const trace = uuid(); await find(id, trace); callback(null, { user_id: u.id });',
  ],
);

table(
  'generated_user_id',
  'create',
  ['await add({ email: user.email }); callback(null, { user_id: uuid(), email: user.email });'],
  [
    'const row = { user_id: uuid(), email: user.email }; await add(row); callback(null, { user_id: row.user_id });',
    'const user_id = uuid(); await add({ user_id, email: user.email }); callback(null, { user_id, email: user.email });',
    'const user_id = crypto.randomUUID(); await db.query("INSERT INTO users VALUES ($1)", [user_id]); callback(null, { user_id });',
  ],
);

table(
  'user_id_missing',
  'get_user',
  ['callback(null, { id: 1 });', 'const profile = { email: id }; return callback(null, profile);'],
  [
    'callback(null, { user_id: 1 });',
    'callback(null, { ...row });',
    'const profile = {}; profile.user_id = 1; callback(null, profile);',
    'const profile = {}; Object.assign(profile, row); callback(null, profile);',
    'const profile = {}; fill(profile); callback(null, profile);',
    'callback(null, row);',
    'callback(null, row ? { user_id: row.id } : null);',
    'callback(null, { ["user_" + "id"]: 1 });',
  ],
);

table(
  'identifier_as_user_id',
  'get_user',
  [
    answer('u.email'),
    answer('`auth|#{u.email}`'),
    answer("'db|' + u.username"),
    answer('id'),
    answer('u.phone_number'),
  ],
  [
    answer('u.id'),
    answer('u.user_id'),
    "if (context.identifierType === 'user_id') { callback(null, { user_id: id }); }",
    "callback(null, { user_id: context.identifierType === 'user_id' ? id : row.id });",
    'await users.findOne({ user_id: id });',
  ],
);

table(
  'identifier_as_user_id',
  'create',
  ['callback(null, { user_id: user.email });', 'const { email } = user; callback(null, { user_id: email });'],
  ['callback(null, { user_id: row.id, email: user.email });', 'callback(null, { user_id: user.user_id });'],
);

table(
  'secret_in_source',
  'login',
  [
    "const apiKey = 'a8f5f167f44f4964';",
    "const options = { headers: { Authorization: 'Bearer 0f9a8b7c6d5e' } };",
    "const pool = new Pool({ host: 'db', user: 'app', password: 'hunter' });",
    "const client = new Client('postgres://app:s3cr3t@db/users');",
    "const key = 'sk_live_0123456789abcdef';",
    "const key = 'AKIAABCDEFGHIJKLMNOP';",
    "jwt.sign({ email }, 'my-signing-secret-1');",
    "const hmac = crypto.createHmac('sha256', 'pepper-4711');",
    "const secret = configuration.SECRET || 'f00dbabe1234';",
    "const dsn = 'Server=db;Database=users;User Id=app;Password=s3cr3t;';",
    'const pem = `-----BEGIN PRIVATE KEY-----\nAAAA`;',
    "global.clientSecret = 'Q2xpZW50U2VjcmV0MTIz';",
    'const url = `mysql://root:toor99@#{configuration.HOST}/users`;',
    "axios.get('/x', { auth: { username: 'svc', password: 'letmein' } });",
  ],
  [
    'const apiKey = configuration.API_KEY;',
    "const sql = 'UPDATE users SET password=:password WHERE host=:host';",
    "const sql = 'SELECT 1 FROM users WHERE uid=$1 AND password=crypt($2, password)';",
    "const token = 'x-csrf-token-1';",
    "const apiKey = configuration['API_KEY_NAME_1'];",
    'const options = { headers: { Authorization: `Bearer #{configuration.TOKEN}` } };',
    'const pool = new Pool({ host: configuration.HOST, password: configuration.PASSWORD });',
    "const pool = new Pool({ host: 'db', password: '@@DB_PASSWORD@@' });",
    "const pool = new Pool({ host: 'db', password: '##DB_PASSWORD##' });",
    "const columns = { user: 'user', password: 'password' };",
    "const columns = { id: 'id', password: 'password_hash' };",
    "const grant = { grant_type: 'password', token_type: 'access_token' };",
    "const passwordColumn = 'password_v2_hash';",
    "const unknown = '$2b$10$VCDQLcTu76Tr9i7isdc1Leu/BK2XlklH1fvtJAi9LoSLUX2bXB5dG';",
    "const password_hash = '$2b$10$VCDQLcTu76Tr9i7isdc1Leu/BK2XlklH1fvtJAi9LoSLUX2bXB5dG';",
    'const url = `postgres://#{configuration.USER}:#{configuration.PASSWORD}@db/users`;',
    "const message = { password: 'The password is wrong: 8 to 72 characters' };",
    "const url = 'https://store.example/users?token_type=1';",
    "const apiKey = 'your-api-key-1';",
    "jwt.verify(token, configuration.SECRET, { algorithms: ['HS256'] });",
    "const id = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';",
    "new UnauthorizedError('Basic authentication failed');",
    "const passwordUrl = 'https://store.example/v2/reset';",
  ],
);

table(
  'password_required',
  'create',
  [
    'const hash = await bcrypt.hash(user.password, 10); add(hash);',
    'const { email, password } = user; add(email, await bcrypt.hash(password, 10));',
    "if (!user.password) return callback(new Error('password is missing'));",
    "if (!user.email || !user.password) throw new Error('incomplete');",
    "if (user.password === undefined) return callback(new ValidationError('x', 'y'));",
    "if (user.password.length < 8) return callback(new ValidationError('weak', 'weak'));",
    "const hash = crypto.createHash('sha256').update(user.password).digest('hex'); add(hash);",
    'bcrypt.hash(user.password, 10, (err, hash) => (err ? callback(err) : add(hash, callback)));',
  ],
  [
    'const hash = user.password ? await bcrypt.hash(user.password, 10) : null; add(hash);',
    'const hash = user.password && (await bcrypt.hash(user.password, 10)); add(hash);',
    'if (user.password) { add(await bcrypt.hash(user.password, 10)); }',
    'let hash = null; if (user.password !== undefined) hash = await bcrypt.hash(user.password, 10); add(hash);',
    "if (user.password && user.password.length < 8) return callback(new Error('weak'));",
    'await axios.post(url, { email: user.email, password: user.password });',
    'if (user.password?.length < 8) return callback(new Error());',
    'if (Buffer.byteLength(user.password ?? "") > 72) return callback(new Error());',
    "if (!user.password && !user.usePasskey) return callback(new Error('missing'));",
    'if (!user.password) { add({ email: user.email }); } else { add(await bcrypt.hash(user.password, 10)); }',
    "const { password = '' } = user; add(await bcrypt.hash(password, 10));",
  ],
);

table(
  'create_returns_nothing',
  'create',
  [
    'await add(user.email); callback(null);',
    'await add(user.email); callback();',
    'add(user.email).then(() => callback(null)).catch(callback);',
    'db.query(sql, [user.email], (err) => { if (err) return callback(err); callback(null); });',
  ],
  [
    'const id = await add(user.email); callback(null, { user_id: id });',
    'add(user.email, callback);',
    'db.query(sql, [user.email], (err, rows) => callback(err, rows));',
    'callback(new Error());',
    'find(user.email).then((u) => callback(null, u), callback);',
  ],
);

table(
  'password_logged',
  'create',
  [
    'console.log(user);',
    "console.log('create', JSON.stringify(user));",
    'console.error(`new: #{JSON.stringify(user)}`);',
    'console.log({ user });',
    'console.log(user.password);',
    'const { password } = user; console.log(password);',
  ],
  [
    'console.log(user.email);',
    "console.log('password given:', Boolean(user.password));",
    'console.log(user.password ? "with" : "without");',
    'console.log(Object.keys(user));',
    'console.log(typeof user);',
  ],
);

table(
  'passkey_material_stored',
  'create',
  [
    'await axios.post(url, user);',
    'await axios.post(url, { ...user, source: "auth" });',
    'await users.insertOne(user);',
    'await fetch(url, { method: "POST", body: JSON.stringify(user) });',
    'const row = { ...user, password: undefined }; await users.insertOne(row);',
    'await axios({ method: "post", url, data: user });',
  ].map((body) => asAxios + body),
  [
    'await axios.post(url, { email: user.email });',
    'const { passkey, passkeyContext, ...rest } = user; await axios.post(url, rest);',
    'delete user.passkey; await axios.post(url, user);',
    'await axios.post(url, toRow(user)); function toRow(user) { return { email: user.email }; }',
    'await users.insertOne(_.pick(user, ["email"]));',
    'callback(null, { ...row, user_id: row.id });',
  ].map((body) => asAxios + body),
);

describe('signatures', () => {
  const codes = (head: string, action: ActionName, contextEnabled = true) =>
    checkOne(
      `function entry(${head}) { use(context, identifierType); return callback(null, row); }`,
      action,
      contextEnabled,
    )
      .map(({ code }) => code)
      .filter((code) => /parameter/.test(code));

  it.each([
    ['user, context, callback', 'create', []],
    ['user, ctx, cb', 'create', []],
    ['user, context, done', 'create', []],
    ['user, { organization }, callback', 'create', []],
    ['...args', 'create', []],
    ['email, context, callback', 'get_user', []],
    ['id, context, callback', 'delete', []],
    ['email, password, context, callback', 'login', []],
    ['user, callback', 'create', ['context_parameter_missing']],
    ['email, callback', 'get_user', ['context_parameter_missing']],
    ['email, password, callback', 'login', ['context_parameter_missing']],
    ['user, callback, context', 'create', ['parameters_swapped']],
    ['context, user, callback', 'create', ['parameters_swapped']],
    ['callback, user, context', 'create', ['parameters_swapped']],
    ['user', 'create', ['parameter_count']],
    ['', 'create', ['parameter_count']],
    ['email, password, more, context, callback', 'login', ['parameter_count']],
  ] as [string, ActionName, string[]][])('(%s) of %s', (head, action, expected) => {
    expect(codes(head, action)).toEqual(expected);
  });

  it.each([
    ['user, callback', []],
    ['user, context, callback', []],
    ['user', ['parameter_count']],
  ])('without the context object, (%s)', (head, expected) =>
    expect(codes(head, 'create', false)).toEqual(expected),
  );
});

describe('configuration_key_unknown', () => {
  const messages = (body: string) =>
    checkSource({
      name: 'acme',
      contextEnabled: true,
      scripts: [{ action: 'get_user', file: 'acme/get_user.js', source: `${heads.get_user} {\n${body}\n}` }],
      modules,
      configurationKeys: ['API_URL', 'API_TOKEN'],
    })
      .filter(({ code }) => code === 'configuration_key_unknown')
      .map(({ message }) => message);

  it.each(['fetch(configuration.API_ULR);', "fetch(configuration['BASE'] + '/users');"])('%s', (body) => {
    expect(messages(body)).toHaveLength(1);
  });
  it.each([
    'fetch(configuration.API_URL);',
    'fetch(configuration[name]);',
    "fetch(configuration.BASE || 'https://store.example');",
    'if (configuration.DEBUG) log(configuration.DEBUG);',
    "const tls = configuration.TLS !== 'off';",
    'const configuration = load(); fetch(configuration.BASE);',
  ])('not: %s', (body) => expect(messages(body)).toEqual([]));

  it('says which key may have been meant', () => {
    expect(messages('fetch(configuration.API_TOKNE);')[0]).toContain("'API_TOKEN'");
  });
});
