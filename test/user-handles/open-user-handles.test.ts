import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { UserHandlesFileError } from '../../src/user-handles/open-database.ts';
import { openUserHandles } from '../../src/user-handles/open-user-handles.ts';
import { temporaryTree } from '../connections/temporary-tree.ts';

const HOUR_MS = 60 * 60 * 1000;

const freshFile = async () => join((await temporaryTree()).root, 'user-handles.db');

function open(file: string, now?: () => number) {
  const handles = openUserHandles({ file, ...(now ? { now } : {}) });
  onTestFinished(() => handles.close());
  return handles;
}

function look<Row>(file: string, sql: string): Row[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}

test('a handle is 64 random bytes, and no other one', async () => {
  const handles = open(await freshFile());
  const minted = [handles.mint('acme'), handles.mint('acme'), handles.handleOf('acme', '42')];
  expect(new Set(minted).size).toBe(3);
  for (const handle of minted) {
    expect(handle).toMatch(/^[\w-]{86}$/);
    expect(Buffer.from(handle, 'base64url')).toHaveLength(64);
  }
});

test('a handle that nobody is bound to within 24 hours is gone, and swept away with the next one', async () => {
  const file = await freshFile();
  let time = Date.UTC(2026, 0, 1);
  const handles = open(file, () => time);
  const late = handles.mint('acme');
  const bound = handles.mint('acme');
  handles.bind('acme', bound, '42');
  time += 24 * HOUR_MS - 1;
  expect(handles.userOf('acme', late)).toBeNull();
  time += 1;
  expect(handles.userOf('acme', late)).toBeUndefined();
  expect(() => handles.bind('acme', late, '43')).toThrow(
    expect.objectContaining({ code: 'user_handle_not_found' }),
  );
  const next = handles.mint('acme');
  expect(
    look(file, 'SELECT handle FROM user_handles').map((row) => (row as { handle: string }).handle),
  ).toEqual([bound, next].sort());
  time += 10_000 * HOUR_MS;
  expect(handles.userOf('acme', bound)).toBe('42');
  expect(handles.handleOf('acme', '42')).toBe(bound);
});

test('the same user_id in another connection is another user', async () => {
  const handles = open(await freshFile());
  const [acme, other] = [handles.handleOf('acme', '42'), handles.handleOf('other', '42')];
  expect(acme).not.toBe(other);
  handles.forget('other', '42');
  expect(handles.userOf('acme', acme)).toBe('42');
  expect(handles.userOf('other', other)).toBeUndefined();
});

test('two processes with one file give a user one handle, and see what the other has bound', async () => {
  const file = await freshFile();
  const [one, other] = [open(file), open(file)];
  expect(one.handleOf('acme', '42')).toBe(other.handleOf('acme', '42'));
  const minted = one.mint('acme');
  other.bind('acme', minted, '43');
  expect(() => one.bind('acme', minted, '44')).toThrow(
    expect.objectContaining({ code: 'user_handle_taken', message: expect.stringContaining('another user') }),
  );
});

test('a user has one handle at a time', async () => {
  const handles = open(await freshFile());
  const handle = handles.handleOf('acme', '42');
  const second = handles.mint('acme');
  expect(() => handles.bind('acme', second, '42')).toThrow(
    expect.objectContaining({ code: 'user_handle_taken', message: 'The user has another user handle' }),
  );
  expect(handles.userOf('acme', second)).toBeNull();
  expect(handles.handleOf('acme', '42')).toBe(handle);
});

test.each(['\ud800', 'a\udfff'])('user_ids that SQLite cannot tell apart are refused: %j', async (userId) => {
  const handles = open(await freshFile());
  const replaced = handles.handleOf('acme', userId.toWellFormed());
  const refused = expect.objectContaining({ code: 'invalid_request' });
  expect(() => handles.handleOf('acme', userId)).toThrow(refused);
  expect(() => handles.bind('acme', handles.mint('acme'), userId)).toThrow(refused);
  handles.forget('acme', userId);
  expect(handles.userOf('acme', replaced)).toBe(userId.toWellFormed());
});

test.each(['a\0b', "'; DROP TABLE user_handles; --", 'é', 'e\u0301', ' 42', '42 ', '042', '٤٢'])(
  'the user_id %j is itself and no other',
  async (userId) => {
    const handles = open(await freshFile());
    const others = ['a', '42', 'é', 'e\u0301'].filter((each) => each !== userId);
    const known = others.map((each) => handles.handleOf('acme', each));
    const handle = handles.handleOf('acme', userId);
    expect(known).not.toContain(handle);
    expect(handles.userOf('acme', handle)).toBe(userId);
  },
);

test('the file is its owner’s alone and holds names, handles, ids and times', async () => {
  const file = await freshFile();
  await writeFile(file, '');
  await chmod(file, 0o644);
  const handles = open(file, () => 5);
  const handle = handles.handleOf('acme', '42');
  for (const path of [file, `${file}-wal`, `${file}-shm`])
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(look(file, 'SELECT * FROM user_handles')).toEqual([
    { handle, connection: 'acme', user_id: '42', created_at: 5, bound_at: 5 },
  ]);
  expect(look(file, "SELECT name FROM sqlite_schema WHERE type = 'table'")).toEqual([
    { name: 'user_handles' },
  ]);
});

test('what is forgotten is not left in the file', async () => {
  const file = await freshFile();
  const handles = open(file);
  handles.handleOf('acme', 'user-id-of-somebody');
  handles.handleOf('acme', 'user-id-of-another');
  handles.forget('acme', 'user-id-of-somebody');
  handles.close();
  handles.close();
  const content = await readFile(file, 'latin1');
  expect(content).toContain('user-id-of-another');
  expect(content).not.toContain('user-id-of-somebody');
});

test('a handle that is not written in the end, as on a full disk, is not given', async () => {
  const file = await freshFile();
  const handles = open(file);
  const database = new DatabaseSync(file);
  // Nothing is wrong before the commit.
  database.exec(`CREATE TABLE none (id TEXT PRIMARY KEY);
    CREATE TABLE late (id TEXT REFERENCES none DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER too_late AFTER INSERT ON user_handles BEGIN INSERT INTO late VALUES ('x'); END`);
  database.close();
  expect(() => handles.handleOf('acme', '42')).toThrow('constraint');
  expect(() => handles.mint('acme')).toThrow('constraint');
});

test('a file in a folder that is not there is refused, and the folder is not made', async () => {
  const file = join((await temporaryTree()).root, 'nowhere', 'user-handles.db');
  expect(() => open(file)).toThrow(UserHandlesFileError);
  expect(() => open(file)).toThrow(/ENOENT.*its folder does not exist.*DRAWBRIDGE_USER_HANDLES_FILE/);
});

test('what is no file, and no database, is refused by its name', async () => {
  const file = await freshFile();
  await mkdir(`${file}.d`);
  expect(() => open(`${file}.d`)).toThrow(/\.d cannot be opened \(EISDIR\)/);
  await writeFile(file, `{"keys": "${'x'.repeat(200)}"}`, { mode: 0o644 });
  expect(() => open(file)).toThrow(`${file} cannot be used: file is not a database`);
  expect(await readFile(file, 'utf8')).toMatch(/^\{"keys"/);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
});

test('a database of something else and one of a later version are refused and left as they are', async () => {
  const file = await freshFile();
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE sessions (id TEXT); PRAGMA user_version = 1');
  database.close();
  expect(() => open(file)).toThrow(/is a database of something else/);
  expect(look(file, 'SELECT name FROM sqlite_schema')).toEqual([{ name: 'sessions' }]);

  const later = await freshFile();
  open(later).close();
  const changed = new DatabaseSync(later);
  changed.exec('PRAGMA user_version = 99');
  changed.close();
  expect(() => open(later)).toThrow(/written by a newer version of Drawbridge/);
});
