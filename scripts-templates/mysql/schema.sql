-- The table that these scripts use, for MySQL 8.0.16 or newer and MariaDB 10.5 or newer:
--   mysql -h … -u … -p … < schema.sql

CREATE TABLE IF NOT EXISTS users (
  user_id CHAR(36) NOT NULL PRIMARY KEY,
  email VARCHAR(254), -- as typed
  email_key VARCHAR(254), -- with A to Z in lower case: what the scripts look for
  email_verified BOOLEAN NOT NULL DEFAULT FALSE,
  username VARCHAR(128),
  phone_number VARCHAR(16),
  phone_verified BOOLEAN NOT NULL DEFAULT FALSE,
  password_hash CHAR(60), -- bcrypt; null for a user who has a passkey and no password
  name VARCHAR(300),
  given_name VARCHAR(150),
  family_name VARCHAR(150),
  nickname VARCHAR(350),
  picture TEXT,
  user_metadata JSON NOT NULL,
  app_metadata JSON NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY users_email (email_key),
  UNIQUE KEY users_username (username),
  UNIQUE KEY users_phone_number (phone_number),
  CHECK (COALESCE(email, username, phone_number) IS NOT NULL),
  CHECK ((email IS NULL) = (email_key IS NULL))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; -- other collations take é for e, and so one person for another

-- All that the scripts' account needs:
-- GRANT SELECT, INSERT, UPDATE, DELETE ON users TO …;
