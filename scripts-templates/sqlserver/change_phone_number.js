/**
 * Changes a phone number, or whether it is verified. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePhoneNumber}
 */
async function changePhoneNumber(phoneNumber, newPhoneNumber, verified, context, callback) {
  const sql = require('mssql');

  const update = `
    UPDATE users SET phone_number = @new_number, phone_verified = @verified
    WHERE phone_number = @phone_number`;

  let changed;
  try {
    changed = await query(update, {
      phone_number: [sql.NVarChar, phoneNumber],
      new_number: [sql.NVarChar, newPhoneNumber],
      verified: [sql.Bit, verified === true],
    });
  } catch (error) {
    // 2601 and 2627: a unique index or constraint has the value already.
    if (error.number === 2601 || error.number === 2627) {
      return callback(new ValidationError('user_exists', 'Another user has this phone number'));
    }
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, changed.rowsAffected[0] > 0);

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
}
