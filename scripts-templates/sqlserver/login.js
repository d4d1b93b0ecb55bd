/**
 * Checks a password. The identifier is whatever the user typed: an email address, a username or a phone number.
 *
 * @type {DrawbridgeScripts.Login}
 */
async function login(identifier, password, context, callback) {
  const bcrypt = require('bcrypt');
  const sql = require('mssql');

  const queries = {
    email: 'SELECT * FROM users WHERE email_key = @value',
    phone_number: 'SELECT * FROM users WHERE phone_number = @value',
    username: 'SELECT * FROM users WHERE username = @value',
  };
  const kind = kindOf(identifier);

  let row;
  let matches;
  try {
    const value = kind === 'email' ? emailKey(identifier) : identifier;
    const { recordset } = await query(queries[kind], { value: [sql.NVarChar, value] });
    row = recordset[0];
    // Somebody unknown, and a user without a password, take as long as a wrong password: nobody's fits this hash.
    const unknown = '$2b$10$VCDQLcTu76Tr9i7isdc1Leu/BK2XlklH1fvtJAi9LoSLUX2bXB5dG';
    matches = await bcrypt.compare(password, row?.password_hash ?? unknown);
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }

  if (!row?.password_hash || !matches) {
    // With a user_id the log says "wrong password", with null "no such user".
    return callback(new WrongUsernameOrPasswordError(row?.user_id ?? null, 'Wrong username or password'));
  }
  return callback(null, toProfile(row));

  // By shape, and each kind in its own column: no username can stand in for somebody's email address.
  function kindOf(identifier) {
    if (/^[^@]+@[^@]+$/.test(identifier)) return 'email';
    return /^\+\d{1,15}$/.test(identifier) ? 'phone_number' : 'username';
  }

  // What is unique and searched for. Case counts for nothing from A to Z; other letters that look alike stay apart.
  function emailKey(email) {
    return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }

  // Parameters travel beside the statement, as sp_executesql has them: values are never part of its text.
  async function query(statement, parameters) {
    const request = (await usersPool()).request();
    for (const [name, [type, value]] of Object.entries(parameters)) request.input(name, type, value);
    return request.query(statement);
  }

  // Made once and kept, with its connections, for the executions that follow; the same in all nine scripts.
  async function usersPool() {
    if (global.usersPool) return global.usersPool;
    // A dashboard's field has one line: there, write \n for the line breaks of the PEM.
    const ca = configuration.DB_CA ? configuration.DB_CA.replace(/\\n/g, '\n') : undefined;
    const pool = new sql.ConnectionPool({
      server: configuration.DB_HOST,
      port: Number(configuration.DB_PORT),
      database: configuration.DB_NAME,
      user: configuration.DB_USER,
      password: configuration.DB_PASSWORD,
      options: {
        encrypt: configuration.DB_TLS !== 'off',
        trustServerCertificate: false,
        cryptoCredentialsDetails: ca ? { ca } : {},
      },
      pool: { max: 2, acquireTimeoutMillis: 5000 }, // an execution has the pool to itself
      connectionTimeout: 5000, // this and a statement together take less than the script's own deadline
      requestTimeout: 8000,
    });
    // The pool replaces a connection that broke while nobody used it; without a listener that would be uncaught.
    pool.on('error', () => {});
    global.usersPool = await pool.connect();
    return global.usersPool;
  }

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(row) {
    return {
      user_id: row.user_id,
      email: row.email ?? undefined,
      email_verified: row.email_verified,
      username: row.username ?? undefined,
      phone_number: row.phone_number ?? undefined,
      phone_verified: row.phone_verified,
      name: row.name ?? undefined,
      given_name: row.given_name ?? undefined,
      family_name: row.family_name ?? undefined,
      nickname: row.nickname ?? undefined,
      picture: row.picture ?? undefined,
      user_metadata: JSON.parse(row.user_metadata),
      app_metadata: JSON.parse(row.app_metadata),
    };
  }
}
