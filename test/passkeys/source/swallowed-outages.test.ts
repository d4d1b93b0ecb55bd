import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { checkOne } from './check-connection.ts';

/** What is found of the callback's paths in a body; `before`: functions that stand before the entry. */
function found(body: string, before = '', action: ActionName = 'get_user') {
  const parameters = action === 'get_user' ? 'id, { identifierType }, callback' : 'user, context, callback';
  const source = `${before}\nasync function entry(${parameters}) {\n${body}\n}`;
  return checkOne(source, action)
    .map(({ code }) => code)
    .filter((code) => /^(callback_|rejection_|outage_)/.test(code));
}

const finish = 'if (!user) return callback(null); return callback(null, { user_id: user.id });';
const finishRows =
  'if (rows.length === 0) return callback(null); return callback(null, { user_id: rows[0].id });';

const isLost: string[] = [
  `const user = await find(id).catch(() => null); ${finish}`,
  `const user = await find(id).catch(() => undefined); ${finish}`,
  `const user = await find(id).catch(() => {}); ${finish}`,
  `const user = await find(id).catch((e) => { console.error(e.message); return false; }); ${finish}`,
  `const user = await find(id).catch(function (e) { console.error(e); }); ${finish}`,
  `const user = await find(id).catch(console.error); ${finish}`,
  `const nobody = () => null; const user = await find(id).catch(nobody); ${finish}`,
  `const user = await axios.get(url).then((r) => r.data).catch(() => null); ${finish}`,
  `const user = await axios.get(url).then((r) => r.data, () => null); ${finish}`,
  `const user = await find(id).catch(() => null).finally(() => close()); ${finish}`,
  `let user; user = await find(id).catch(() => null); ${finish}`,
  `let user = null; user = await find(id).catch(() => null); ${finish}`,
  `const user = (await axios.get(url).catch(() => null))?.data; ${finish}`,
  `const response = await axios.get(url).catch(() => null); if (!response) return callback(null); callback(null, response.data);`,
  `const response = await axios.get(url).catch(() => null); const user = response?.data; ${finish}`,
  'const user = await find(id).catch(() => null); if (user === null) return callback(null); callback(null, user);',
  'const user = await find(id).catch(() => null); if (user) return callback(null, user); callback(null);',
  'const user = await find(id).catch(() => null); if (user) callback(null, user); else callback();',
  'const user = await find(id).catch(() => null); return callback(null, user);',
  'const user = await find(id).catch(() => null); return callback(null, user || null);',
  'const user = await find(id).catch(() => null); return callback(null, user ? { user_id: user.id } : null);',
  'const user = await find(id).catch(() => null); return callback(null, user && { user_id: user.id });',
  'const user = await find(id).catch(() => null); return user ? callback(null, user) : callback(null);',
  'return callback(null, await find(id).catch(() => null));',
  'find(id).catch(() => null).then((user) => callback(null, user)).catch(callback);',
  `find(id).catch(() => null).then((user) => { ${finish} }).catch(callback);`,
  `const rows = await db.query(sql, [id]).catch(() => []); ${finishRows}`,
  'const rows = await db.query(sql, [id]).catch(() => []); if (!rows[0]) return callback(null); callback(null, rows[0]);',
  'const rows = await db.query(sql, [id]).catch(() => []); callback(null, rows[0]);',
  `const rows = await db.query(sql, [id]).catch(() => []); const user = rows[0]; ${finish}`,
  `const rows = await db.query(sql, [id]).catch(() => []); const count = rows.length; if (!rows.length) return callback(null); callback(null, user);`,
  `const [user] = await db.query(sql, [id]).catch(() => []); ${finish}`,
  `const { rows } = await db.query(sql, [id]).catch(() => ({ rows: [] })); ${finishRows}`,
  `const { data: user } = await axios.get(url).catch(() => ({})); ${finish}`,
  `const result = await db.query(sql, [id]).catch(() => ({ rows: [] })); const user = result.rows[0]; ${finish}`,
  'const result = await db.query(sql, [id]).catch(() => ({ rows: [] })); if (!result.rows.length) return callback(null); callback(null, result.rows[0]);',
  `let user; try { user = await find(id); } catch (e) { user = null; } ${finish}`,
  `let user; try { user = await find(id); } catch {} ${finish}`,
  `let user = null; try { user = await find(id); } catch (e) { console.error(e.message); } ${finish}`,
  'let user; try { user = await find(id); } catch (e) {} callback(null, user);',
  'let user = null; try { user = await find(id); } catch (e) {} return callback(null, user);',
  'let user; try { user = await find(id); } catch (e) { user = undefined; } return callback(null, user ? { user_id: user.id } : null);',
  'let user; try { const r = await axios.get(url); user = r.data; } catch (e) { user = null; } callback(null, user);',
  'let user; try { [user] = await db.query(sql, [id]); } catch (e) {} callback(null, user);',
  `let user; try { user = await find(id); } catch (e) {} const roles = await rolesOf(id); ${finish}`,
  `const user = await find(id).catch(() => null); const roles = await rolesOf(id); ${finish}`,
  `const user = await find(id).catch(() => null); const hasUser = Boolean(id); if (!hasUser) return callback(new Error()); ${finish}`,
];

describe('an outage that is swallowed into a value', () => {
  it.each(isLost)('%s', (body) => expect(found(body)).toEqual(['outage_as_not_found']));

  it('is a matter of Get User alone', () => {
    expect(
      found('const row = await add(user).catch(() => null); callback(null, row);', '', 'create'),
    ).toEqual([]);
  });
});

describe('an outage that a function of the source swallows', () => {
  const body = `const user = await find(id); ${finish}`;
  it.each([
    'async function find(id) { try { return await db.findOne({ id }); } catch (e) { return null; } }',
    'async function find(id) { try { return await db.findOne({ id }); } catch (e) { console.error(e); } }',
    'async function find(id) { try { return await db.findOne({ id }); } catch (e) { console.error(e); } return null; }',
    'async function find(id) { let row = null; try { row = await db.findOne({ id }); } catch (e) { log(e); } return row; }',
    'const find = async (id) => { try { return (await axios.get(url(id))).data; } catch { return false; } };',
    'const find = (id) => axios.get(url(id)).then((r) => r.data).catch(() => null);',
    'function find(id) { return axios.get(url(id)).then((r) => r.data).catch(() => undefined); }',
    'const find = async (id) => { const row = await db.findOne({ id }).catch(() => null); return row; };',
    'async function find(id) { const r = await fetch(url(id)); if (!r.ok) return null; return r.json(); }',
    'const load = (id) => db.findOne({ id }).catch(() => null); const find = async (id) => load(id);',
  ])('%s', (before) => {
    expect(found(body, before)).toEqual(['outage_as_not_found']);
    expect(found('find(id).then((user) => { callback(null, user); }).catch(callback);', before)).toEqual([
      'outage_as_not_found',
    ]);
  });

  it('as a list', () => {
    const before = 'const list = async (id) => { try { return await db.query(id); } catch { return []; } };';
    expect(found(`const rows = await list(id); ${finishRows}`, before)).toEqual(['outage_as_not_found']);
  });

  it.each([
    'async function find(id) { try { return await db.findOne({ id }); } catch (e) { if (e.status === 404) return null; throw e; } }',
    'async function find(id) { try { return await db.findOne({ id }); } catch (e) { throw new Error("down"); } }',
    'async function find(id) { try { return await db.findOne({ id }); } catch (e) { if (isNotFound(e)) return null; throw e; } }',
    'const find = (id) => axios.get(url(id)).then((r) => r.data).catch((e) => { if (e.response?.status === 404) return null; throw e; });',
    'async function find(id) { const r = await fetch(url(id)); if (r.status === 404) return null; if (!r.ok) throw new Error(); return r.json(); }',
    'async function find(id) { let key; try { key = JSON.parse(id); } catch { return null; } return db.findOne(key); }',
    'async function find(id) { const row = await db.findOne({ id }); await db.close().catch(() => {}); return row || null; }',
    'async function find(id) { try { return await db.findOne({ id }); } finally { await db.close().catch(() => null); } }',
  ])('not: %s', (before) => expect(found(body, before)).toEqual([]));
});

describe('a status that is told apart leaves the others', () => {
  it.each([
    'const r = await fetch(url); if (r.status === 404) return callback(null); if (r.status !== 200) return callback(null); callback(null, 1);',
    'const r = await fetch(url); if (r.status === 404) { callback(null); } else if (r.ok) { callback(null, 1); } else { callback(null); }',
    'try { callback(null, await find(id)); } catch (e) { if (e.response.status === 404) return callback(null); log(e); return callback(null); }',
    'try { callback(null, await find(id)); } catch (e) { if (e.status !== 404) log(e); return callback(null); }',
  ])('%s', (body) => expect(found(body)).toEqual(['outage_as_not_found']));

  it.each([
    'const r = await fetch(url); if (r.status === 404 || r.status === 410) return callback(null); if (r.status !== 200) return callback(new Error()); callback(null, 1);',
    'const r = await fetch(url); if (r.status !== 200 && r.status !== 404) return callback(new Error()); if (r.status === 404) return callback(null); callback(null, 1);',
    'const r = await fetch(url); if (r.status === 200) return callback(null, 1); if (r.status === 404) return callback(null); callback(new Error());',
    'const r = await fetch(url); if (r.status === 500) return callback(new Error()); if (r.status === 404) return callback(null); callback(null, 1);',
    'const r = await fetch(url); if (r.status >= 500) return callback(new Error()); if (r.status !== 200) return callback(null); callback(null, 1);',
  ])('not: %s', (body) => expect(found(body)).toEqual([]));
});

/** Whatever is swallowed there, no answer rests on it. */
const isSound: string[] = [
  `const user = await find(id).catch((e) => { if (e.response && e.response.status === 404) return null; throw e; }); ${finish}`,
  `const user = await find(id).catch((e) => { if (e.code !== 'NONE') throw e; return null; }); ${finish}`,
  `const user = await find(id).catch((e) => (isNotFound(e) ? null : Promise.reject(e))); ${finish}`,
  `let failure; const user = await find(id).catch((e) => { failure = e; }); if (failure) return callback(failure); ${finish}`,
  `const user = await find(id).catch((e) => ({ error: e })); if (user.error) return callback(user.error); ${finish}`,
  `const user = await find(id).catch(() => null); if (!user) return callback(new Error('down')); callback(null, { user_id: user.id });`,
  `const user = await find(id); const roles = await rolesOf(id).catch(() => []); ${finish}`,
  `const roles = await rolesOf(id).catch(() => []); const user = await find(id); if (!roles.length) console.log('none'); ${finish}`,
  `const roles = await rolesOf(id).catch(() => null); if (!roles) console.log('none'); const user = await find(id); ${finish}`,
  `const cached = await cache.get(id).catch(() => null); if (cached) return callback(null, cached); const user = await find(id); ${finish}`,
  `let cached; try { cached = await cache.get(id); } catch (e) { console.error(e); } if (cached) return callback(null, cached); const user = await find(id); ${finish}`,
  `let cached; try { cached = await cache.get(id); } catch (e) {} if (cached) return callback(null, cached); const { rows } = await db.query(sql, [id]); ${finishRows}`,
  `let cached; try { cached = await cache.get(id); } catch (e) {} if (cached) return callback(null, cached); const { rows } = await db.query(sql, [id]); const user = rows[0]; ${finish}`,
  `let user = await find(id).catch(() => null); if (!user) user = await replica(id); ${finish}`,
  `let user; try { user = await find(id); } catch (e) { user = await replica(id); } ${finish}`,
  `let user; let message; try { user = await find(id); } catch (e) { message = e.message; } if (message) return callback(new Error(message)); ${finish}`,
  `let user; let failed; try { user = await find(id); } catch (e) { failed = new Error(e.message); } if (failed) return callback(failed); ${finish}`,
  `let user; try { user = await find(id); } catch (e) { if (e.code !== 'NONE') return callback(e); user = null; } ${finish}`,
  `let user; try { user = await find(id); } catch (e) { if (e.status === 404) user = null; else return callback(e); } ${finish}`,
  `let user = null; try { user = await find(id); } catch (e) { if (e.status !== 404) throw e; } ${finish}`,
  `let user; try { user = JSON.parse(id); } catch (e) { user = null; } ${finish}`,
  `let key = null; try { key = new ObjectId(id); } catch (e) { key = null; } if (!key) return callback(null); const user = await find(key); ${finish}`,
  `const user = await find(id); await client.close().catch(() => {}); ${finish}`,
  `let user; try { user = await find(id); } finally { await client.close().catch(() => null); } ${finish}`,
  `try { const user = await find(id); ${finish} } catch (e) { callback(e); } finally { await client.close().catch(() => null); }`,
  `let conn; try { conn = await pool.getConnection(); const [rows] = await conn.query(sql, [id]); if (!rows.length) return callback(null); return callback(null, { user_id: rows[0].id }); } catch (e) { return callback(e); } finally { if (conn) conn.release(); }`,
  `let user; let last; for (let i = 0; i < 3; i += 1) { try { user = await find(id); last = null; break; } catch (e) { last = e; } } if (last) return callback(last); ${finish}`,
  `const errors = []; let user; try { user = await find(id); } catch (e) { errors.push(e); } if (errors.length) return callback(errors[0]); ${finish}`,
  `let user; let isGone = false; try { user = await find(id); } catch (e) { if (e.status !== 404) return callback(e); isGone = true; } if (isGone) return callback(null); return callback(null, user);`,
  `let isDown = false; const user = await find(id).catch(() => { isDown = true; return null; }); if (isDown) return callback(new Error()); ${finish}`,
  `const result = await find(id).catch(() => ({ ok: false })); if (!result.ok) return callback(new Error()); if (!result.user) return callback(null); callback(null, result.user);`,
  `const result = await find(id).catch(() => null); if (result === null) return callback(new Error()); if (!result.user) return callback(null); callback(null, result.user);`,
  `const user = await find(id).catch(() => null) || await replica(id); ${finish}`,
  'let user = null; const rows = await db.query(sql, [id]); rows.forEach((row) => { if (row.id === id) user = row; }); if (!user) return callback(null); return callback(null, user);',
  'find(id).then((user) => { callback(null, user || null); }).catch(callback);',
];

describe('nothing is lost', () => {
  it.each(isSound)('%s', (body) => expect(found(body)).toEqual([]));
});
