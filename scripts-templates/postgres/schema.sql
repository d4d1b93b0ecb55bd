-- The table that these scripts use, for PostgreSQL 13 or newer:
--   psql "host=… dbname=… user=…" -f schema.sql

CREATE TABLE IF NOT EXISTS users (
  user_id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
  email text,
  email_verified boolean NOT NULL DEFAULT false,
  username text UNIQUE,
  phone_number text UNIQUE,
  phone_verified boolean NOT NULL DEFAULT false,
  password_hash text, -- bcrypt; null for a user who has a passkey and no password
  name text,
  given_name text,
  family_name text,
  nickname text,
  picture text,
  user_metadata jsonb NOT NULL DEFAULT '{}',
  app_metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (coalesce(email, username, phone_number) IS NOT NULL)
);

-- Case counts for nothing from A to Z; by COLLATE "C" no other letters are taken for one another.
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON users (lower(email COLLATE "C"));

-- All that the scripts' account needs:
-- GRANT SELECT, INSERT, UPDATE, DELETE ON users TO …;
