import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTdsServer, type TdsServer } from './tds-server.ts';

let server: TdsServer;
beforeAll(async () => {
  server = await startTdsServer({
    user: 'app',
    password: 'secret',
    schema: `
      CREATE TABLE [dbo].[users] (
        [id] BIGINT IDENTITY (1, 1) NOT NULL,
        [email] NVARCHAR (100) NOT NULL,
        [exact] NVARCHAR(20) COLLATE Latin1_General_BIN2 NULL,
        [nothing] INT NULL,
        CONSTRAINT [PK_users] PRIMARY KEY CLUSTERED ([id] ASC)
      )
      CREATE UNIQUE NONCLUSTERED INDEX IX_email ON dbo.users (email)
      GO
      -- a comment; with a semicolon
      INSERT dbo.users (email, exact, nothing) VALUES (N'a@example.com', 'One', 1), ('b@example.com', 'two', NULL)
      INSERT INTO store.dbo.users (email) VALUES ('c@example.com') /* no semicolons */
    `,
  });
});
afterAll(() => server.close());

const firstColumn = (sql: string) => server.sql(sql).map((row) => Object.values(row)[0]);

it.each([
  ['SELECT TOP 2 email FROM users ORDER BY id DESC', ['c@example.com', 'b@example.com']],
  ['SELECT email FROM users WHERE id = (SELECT TOP (1) id FROM users ORDER BY id DESC)', ['c@example.com']],
  ['SELECT DISTINCT TOP 1 u.email FROM dbo.users AS u WITH (NOLOCK) ORDER BY u.email', ['a@example.com']],
  ["SELECT id FROM users WHERE email = 'A@EXAMPLE.COM'", [1n]],
  ["SELECT id FROM users WHERE exact = 'one'", []],
  ['SELECT ISNULL(nothing, 0) FROM users', [1n, 0n, 0n]],
  ["SELECT CONVERT(NVARCHAR(MAX), LEN('three')) AS five", ['5']],
  ["SELECT CAST('2' AS INT) + 1", [3n]],
  ["SELECT 'it''s [dbo].x -- ;' AS text", ["it's [dbo].x -- ;"]],
  ['SELECT COUNT(*) FROM users u JOIN users v ON u.id = v.id', [3n]],
  ['WITH some AS (SELECT id FROM users) SELECT COUNT(*) FROM some WHERE id IN (1, 2)', [2n]],
  ['BEGIN TRANSACTION DELETE users WHERE id > 0 ROLLBACK; SELECT COUNT(*) FROM users', [3n]],
  ["UPDATE users SET nothing = 5 OUTPUT INSERTED.nothing WHERE email = 'a@example.com'", [5n]],
])('understands %s', (sql, expected) => {
  expect(firstColumn(sql)).toEqual(expected);
});

it.each([
  ['SELECT email FROM users LIMIT 1', 102],
  ["INSERT INTO users (email) VALUES ('d@example.com') RETURNING id", 102],
  ["SELECT 'a' + email FROM users", 102],
  ['SELECT @id = id FROM users', 102],
  ['DECLARE @id INT', 102],
  ['IF EXISTS (SELECT 1) SELECT 2', 102],
  ['UPDATE users SET nothing = 1 OUTPUT DELETED.nothing', 102],
  ['SELECT id FROM users WHERE exact = true', 207],
  ['SELECT IFNULL(nothing, 0) FROM users', 195],
  ['SELECT * FROM elsewhere', 208],
  ["INSERT INTO users (email) VALUES ('A@example.com')", 2601],
  ['COMMIT', 3902],
  ['USE elsewhere', 911],
  ['hello', 102],
])('refuses %s', (sql, number) => {
  expect(() => server.sql(sql)).toThrow(expect.objectContaining({ number }));
});
