import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/auth-server/database/open-database.ts';

describe("the auth server's file", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drawbridge-auth-'));
    file = join(folder, 'auth.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const modeOf = (path: string) => statSync(path).mode & 0o777;

  it('is readable by its owner alone, as are the files beside it, and opens again', () => {
    const database = openDatabase(file);
    database.exec("INSERT INTO server_keys VALUES ('a', 'b')");
    expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual([0o600, 0o600, 0o600]);
    database.close();
    chmodSync(file, 0o644);
    openDatabase(file).close();
    expect(modeOf(file)).toBe(0o600);
  });

  it.each([0, 1])('leaves a database of something else as it is (user_version %i)', (version) => {
    const other = new DatabaseSync(file);
    other.exec(`CREATE TABLE users (name TEXT); PRAGMA user_version = ${version}`);
    other.close();
    chmodSync(file, 0o640);
    const before = readFileSync(file);
    const link = join(folder, 'link.db');
    symlinkSync(file, link);
    expect(() => openDatabase(link)).toThrow(`${link} cannot be used: it is a database of something else`);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(modeOf(file)).toBe(0o640);
  });

  it('names a file that is no database, and a folder that is not there', () => {
    writeFileSync(file, 'something that somebody needs'.repeat(100), { mode: 0o644 });
    expect(() => openDatabase(file)).toThrow(`${file} cannot be used: file is not a database`);
    expect(readFileSync(file, 'utf8')).toContain('something that somebody needs');
    const nowhere = join(folder, 'nowhere', 'auth.db');
    expect(() => openDatabase(nowhere)).toThrow(`${nowhere} cannot be used: ENOENT`);
  });

  it('refuses what another version has written', () => {
    openDatabase(file).close();
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 2');
    newer.close();
    expect(() => openDatabase(file)).toThrow('it is of another version of Drawbridge (2)');
  });
});
