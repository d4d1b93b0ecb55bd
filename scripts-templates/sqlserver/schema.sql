-- The table that these scripts use, for SQL Server 2016 or newer and Azure SQL:
--   sqlcmd -S … -d … -i schema.sql

-- BIN2: other collations take é for e or K for k, and so one person for another.
CREATE TABLE users (
  user_id NVARCHAR(36) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY
    DEFAULT (LOWER(CONVERT(NVARCHAR(36), NEWID()))),
  email NVARCHAR(254) NULL, -- as typed
  email_key NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NULL, -- with A to Z in lower case: what is looked for
  email_verified BIT NOT NULL DEFAULT 0,
  username NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
  phone_number NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
  phone_verified BIT NOT NULL DEFAULT 0,
  password_hash NVARCHAR(60) NULL, -- bcrypt; null for a user who has a passkey and no password
  name NVARCHAR(300) NULL,
  given_name NVARCHAR(150) NULL,
  family_name NVARCHAR(150) NULL,
  nickname NVARCHAR(350) NULL,
  picture NVARCHAR(MAX) NULL,
  user_metadata NVARCHAR(MAX) NOT NULL CHECK (ISJSON(user_metadata) = 1),
  app_metadata NVARCHAR(MAX) NOT NULL CHECK (ISJSON(app_metadata) = 1),
  created_at DATETIME2 NOT NULL DEFAULT SYSUTCDATETIME(),
  CHECK (COALESCE(email, username, phone_number) IS NOT NULL),
  CHECK ((email IS NULL AND email_key IS NULL) OR (email IS NOT NULL AND email_key IS NOT NULL))
);
GO

-- Filtered: to an index that is not, two users without a username would have the same one.
CREATE UNIQUE INDEX users_email ON users (email_key) WHERE email_key IS NOT NULL;
CREATE UNIQUE INDEX users_username ON users (username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX users_phone_number ON users (phone_number) WHERE phone_number IS NOT NULL;
GO

-- All that the scripts' account needs:
-- GRANT SELECT, INSERT, UPDATE, DELETE ON users TO …;
