import { describe, expect, it } from 'vitest';
import { checkOne } from './check-connection.ts';

/** The codes about the callback's paths that a body of Get User or Login gives. */
function pathCodes(body: string, { isAsync = false, action = 'login' as 'login' | 'get_user' } = {}) {
  const parameters =
    action === 'login' ? 'email, password, context, callback' : 'id, { identifierType }, callback';
  const source = `${isAsync ? 'async ' : ''}function entry(${parameters}) {\n${body}\n}`;
  const about = /^(callback_|rejection_|outage_)/;
  return checkOne(source, action)
    .map(({ code }) => code)
    .filter((code) => about.test(code));
}

const profile = '{ user_id: u.id }';

describe('on every way the callback is called once', () => {
  it.each([
    ['callback(null);'],
    [`find(email, (err, u) => { if (err) return callback(err); callback(null, ${profile}); });`],
    ['find(email, callback);'],
    ['find(email, function (err, u) { if (err) { callback(err); } else { callback(null, u); } });'],
    ['find(email, (err, u) => (err ? callback(err) : callback(null, u)));'],
    [
      'find(email, (err, u) => { if (err) return callback(err); if (!u) return callback(null); check(u, (e, ok) => { if (e) return callback(e); return ok ? callback(null, u) : callback(new Error()); }); });',
    ],
    ['find(email).then((u) => callback(null, u)).catch(callback);'],
    ['find(email).then((u) => callback(null, u), callback);'],
    [
      'find(email).then((u) => { if (!u) return callback(null); return callback(null, u); }).catch((e) => callback(e));',
    ],
    [
      'find(email).then((u) => { if (!u) throw new Error(); return u; }).then((u) => callback(null, u)).catch(callback);',
    ],
    ['return find(email).then((u) => callback(null, u));'],
    ['find(email).then((u) => callback(null, u)).catch((e) => { log(e); throw e; }).catch(callback);'],
    [
      'find(email).then((u) => u.data).then((u) => callback(null, u)).catch(callback).finally(() => close());',
    ],
    [
      'const done = once(callback); find(email).then((u) => done(null, u)).catch(done); setTimeout(() => done(new Error()), 9);',
    ],
    ['const cb = callback; cb(null);'],
    ['function finish(e, u) { if (e) return callback(e); return callback(null, u); } find(email, finish);'],
    ['const finish = (e, u) => callback(e, u); try { finish(null, load(email)); } catch (e) { finish(e); }'],
    ['promise.nodeify(callback);'],
    ['util.callbackify(find)(email, callback);'],
    [
      'pool.getConnection((err, c) => { if (err) return callback(err); c.query("x", [email], (e, rows) => { c.release(); if (e) return callback(e); callback(null, rows[0]); }); });',
    ],
    ['switch (email) { case "a": return callback(null); default: return callback(new Error()); }'],
    ['switch (email) { case "a": callback(null); break; default: callback(new Error()); }'],
    ['let e = null; if (!email) e = new Error(); if (e) callback(e); else callback(null);'],
    [
      'let answered = false; if (!email) { callback(new Error()); answered = true; } if (!answered) callback(null);',
    ],
    ['if (!email) callback(new Error()); if (email) callback(null);'],
    ['if (email.length === 0) callback(new Error()); if (email.length > 0) callback(null);'],
    ['if (a === 1) return callback(null); else if (a !== 1) return callback(new Error());'],
    ['if (typeof callback === "function") callback(null);'],
    ['if (callback) { callback(null); }'],
    ['callback && callback(null);'],
    ['throw new Error();'],
    ['if (!email) throw new Error(); callback(null);'],
    [
      'const req = https.request(o, (res) => { let b = ""; res.on("data", (d) => { b += d; }); res.on("end", () => callback(null, b)); }); req.on("error", callback); req.end();',
    ],
    [
      'const request = new Request(sql, (err, n, rows) => { if (err) return callback(err); callback(null, rows[0]); }); connection.on("connect", (err) => { if (err) return callback(err); connection.execSql(request); });',
    ],
    [
      'async.waterfall([(next) => find(email, next)], (err, u) => { if (err) return callback(err); callback(null, u); });',
    ],
    ['for (const u of list) { if (u.id === email) return callback(null, u); } return callback(null);'],
    ['list.forEach((u) => { if (u.id === email) callback(null, u); });'],
    [
      'new Promise((resolve, reject) => find(email, (e, u) => (e ? reject(e) : resolve(u)))).then((u) => callback(null, u)).catch(callback);',
    ],
    ['callback.call(null, null, 1);'],
    ['setTimeout(() => callback(null), 1);'],
    ['return void callback(null);'],
    ['const [u] = [1]; return callback(null, u), undefined;'],
    [
      '(async () => { try { const u = await find(email); callback(null, u); } catch (e) { callback(e); } })();',
    ],
    ['(async () => { callback(null, await find(email)); })().catch(callback);'],
    ['async function run() { const u = await find(email); callback(null, u); } run().catch(callback);'],
    ['try { JSON.parse(email); } catch (e) { return callback(e); } callback(null);'],
    ['label: for (const a of b) { if (a) break label; } callback(null);'],
    ['do { email = next(email); } while (email.next); callback(null);'],
    ['arguments[3](null);'],
  ])('%s', (body) => expect(pathCodes(body)).toEqual([]));

  it.each([
    [
      `try { const u = await find(email); return callback(null, ${profile}); } catch (e) { return callback(e); }`,
    ],
    [
      'let u; try { u = await find(email); } catch (e) { return callback(e); } finally { close(); } return callback(null, u);',
    ],
    [
      'let u; let failure; try { u = await find(email); } catch (e) { failure = e; } if (failure) return callback(failure); callback(null, u);',
    ],
    [
      'for (let i = 0; i < 3; i += 1) { try { return callback(null, await find(email)); } catch (e) { if (i === 2) return callback(e); } }',
    ],
    [
      'let taken = false; try { taken = await has(email); if (!taken) await add(email); } catch (e) { return callback(e); } if (taken) return callback(new Error()); callback(null);',
    ],
    ['const u = await find(email); if (!u) throw new Error(); callback(null, u);'],
    ['const u = await find(email).catch(callback); if (!u) return; callback(null, u);'],
    ['await find(email).then((u) => callback(null, u));'],
    ['while (true) { const page = await next(); if (page.last) return callback(null, page); }'],
    ['try { callback(null, 1); } finally { await close(); }'],
  ])('async: %s', (body) => expect(pathCodes(body, { isAsync: true })).toEqual([]));
});

describe('callback_not_called', () => {
  it.each([
    [''],
    ['find(email);'],
    ['if (email) callback(null);'],
    ['if (email) { callback(null); } else { log(email); }'],
    ['find(email, (err, u) => { if (err) return callback(err); if (u) callback(null, u); });'],
    ['find(email, (err, u) => { if (err) { console.error(err); return; } callback(null, u); });'],
    ['find(email).then((u) => { if (u) callback(null, u); }).catch(callback);'],
    ['find(email).then((u) => callback(null, u)).catch((e) => console.error(e));'],
    ['find(email).then((u) => callback(null, u)).catch(console.error);'],
    ['find(email).then((u) => { log(u); }).catch(callback);'],
    ['switch (email) { case "a": return callback(null); case "b": return callback(new Error()); }'],
    ['try { callback(null, JSON.parse(email)); } catch (e) { log(e); }'],
    ['for (const u of list) { if (u.id === email) return callback(null, u); }'],
    ['return;'],
    ['email && callback(null);'],
    ['(async () => { const u = await find(email); if (u) callback(null, u); })().catch(callback);'],
    ['pool.getConnection((err, c) => { if (err) return; c.query("x", callback); });'],
  ])('%s', (body) => expect(pathCodes(body)).toEqual(['callback_not_called']));

  it.each([
    ['try { const u = await find(email); callback(null, u); } catch (e) { console.log(e); }'],
    ['const u = await find(email); if (!u) return; callback(null, u);'],
    [
      'const u = await find(email); if (u.ok) { if (u.id) return callback(null, u); } else return callback(new Error());',
    ],
  ])('async: %s', (body) => expect(pathCodes(body, { isAsync: true })).toEqual(['callback_not_called']));
});

describe('callback_called_twice', () => {
  it.each([
    ['if (!email) callback(new Error()); callback(null);'],
    ['callback(null); callback(null);'],
    ['find(email, (err, u) => { if (err) callback(err); callback(null, u); });'],
    [
      'find(email, (err, u) => { if (err) { callback(err); } if (!u) return callback(null); callback(null, u); });',
    ],
    ['find(email).then((u) => callback(null, u)).finally(() => callback(null)).catch(log);'],
    ['find(email).then((u) => callback(null, u)).then(() => callback(null)).catch(callback);'],
    ['try { callback(null); } finally { callback(null); }'],
    ['const fail = (e) => callback(e); if (!email) fail(new Error()); callback(null);'],
    ['switch (email) { case "a": callback(null); default: callback(new Error()); }'],
  ])('%s', (body) => expect(pathCodes(body)).toEqual(['callback_called_twice']));
});

describe('rejection_unhandled', () => {
  it.each([
    ['find(email).then((u) => callback(null, u));'],
    ['axios.get(url).then((r) => r.data).then((u) => callback(null, u));'],
    ['(async () => { callback(null, await find(email)); })();'],
  ])('%s', (body) => expect(pathCodes(body)).toEqual(['rejection_unhandled']));
});

describe('outage_as_not_found', () => {
  const codes = (body: string) => pathCodes(body, { isAsync: true, action: 'get_user' });

  it.each([
    ['try { const u = await find(id); callback(null, u); } catch (e) { callback(null); }'],
    ['try { return callback(null, await find(id)); } catch { return callback(null, null); }'],
    [
      'try { return callback(null, await find(id)); } catch (e) { if (e.response) return callback(null); return callback(e); }',
    ],
    [
      'let u; try { u = await find(id); } catch (e) { console.log(e); } if (!u) return callback(null); callback(null, u);',
    ],
    ['find(id).then((u) => callback(null, u)).catch(() => callback(null));'],
    ['find(id).then((u) => callback(null, u), () => callback());'],
    ['find(id).then((u) => callback(null, u)).catch((e) => { console.error(e); callback(null, false); });'],
    ['const fail = () => callback(null); find(id).then((u) => callback(null, u)).catch(fail);'],
    ['find(id, (err, u) => { if (err) return callback(null); callback(null, u); });'],
    ['find(id, (err, u) => { if (err || !u) return callback(null); callback(null, u); });'],
    ['find(id, (err, u) => { if (!err) return callback(null, u); callback(null); });'],
    [
      'request.get(url, (err, res, body) => { if (err) return callback(err); if (res.statusCode !== 200) return callback(null); callback(null, body); });',
    ],
    ['const res = await fetch(url); if (!res.ok) return callback(null); callback(null, await res.json());'],
    [
      'const res = await fetch(url); if (res.status === 200) return callback(null, await res.json()); callback(null);',
    ],
    ['const res = await fetch(url); if (res.status >= 400) return callback(null); callback(null, 1);'],
  ])('%s', (body) => expect(codes(body)).toEqual(['outage_as_not_found']));

  it.each([
    [
      'try { const u = await find(id); callback(null, u); } catch (e) { if (e.response && e.response.status === 404) return callback(null); callback(e); }',
    ],
    [
      'find(id).then((u) => callback(null, u)).catch((e) => (e.response?.status === 404 ? callback(null) : callback(e)));',
    ],
    [
      'try { const u = await find(id); callback(null, u); } catch (e) { if (isNotFound(e)) return callback(null); callback(e); }',
    ],
    [
      'try { const u = await find(id); callback(null, u); } catch (e) { if (e.name === "UserNotFound") return callback(null); callback(e); }',
    ],
    [
      'try { const u = await find(id); callback(null, u); } catch (e) { if (e instanceof NotFound) return callback(null); callback(e); }',
    ],
    [
      'try { const u = await find(id); callback(null, u); } catch (e) { switch (e.code) { case "NONE": return callback(null); default: return callback(e); } }',
    ],
    [
      'const res = await fetch(url); if (res.status === 404) return callback(null); if (!res.ok) return callback(new Error()); callback(null, 1);',
    ],
    [
      'const res = await fetch(url); if (!res.ok) { if (res.status === 404) return callback(null); return callback(new Error()); } callback(null, 1);',
    ],
    [
      'const r = await axios.get(url, { validateStatus: (s) => s === 200 || s === 404 }); if (r.status !== 200) return callback(null); callback(null, 1);',
    ],
    [
      'find(id, (err, u) => { if (err && err.code === 404) return callback(null); if (err) return callback(err); callback(null, u); });',
    ],
    [
      'find(id, (err, u) => { if (err) return callback(err); if (!u) return callback(null); callback(null, u); });',
    ],
    [
      'let key; try { key = new ObjectId(id); } catch (e) { return callback(null); } const u = await find(key); callback(null, u);',
    ],
    [
      'let u; let failure; try { u = await find(id); } catch (e) { failure = e; } if (failure) return callback(failure); if (!u) return callback(null); callback(null, u);',
    ],
    [
      'let u; let failed = false; try { u = await find(id); } catch (e) { failed = true; } if (failed) return callback(new Error()); if (!u) return callback(null); callback(null, u);',
    ],
    [
      'const { rows } = await db.query(sql, [id]); if (rows.length === 0) return callback(null); callback(null, rows[0]);',
    ],
    [
      'const r = await fetch(url, o); const body = await r.json(); if (body.error) return callback(null); callback(null, body);',
    ],
    [
      'try { callback(null, await find(id)); } catch (e) { const isGone = e.response && e.response.status === 404; if (isGone) return callback(null); callback(e); }',
    ],
    [
      'let r; try { r = { user: await find(id) }; } catch (e) { r = { error: e }; } if (r.error) return callback(r.error); if (!r.user) return callback(null); callback(null, r.user);',
    ],
    [
      'try { callback(null, await find(id)); } catch (e) { const status = e.response?.status; if (status === 404) return callback(null); callback(e); }',
    ],
  ])('not: %s', (body) => expect(codes(body)).toEqual([]));

  it('is a matter of Get User alone', () => {
    expect(pathCodes('find(email, (err) => { if (err) return callback(null); callback(null); });')).toEqual(
      [],
    );
  });
});
