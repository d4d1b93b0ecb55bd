async function getUser(identifierValue, context, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.API_BASE_URL, password: configuration.API_TOKEN });
  const column = context.identifierType === 'user_id' ? 'user_id' : 'email';
  try {
    await client.connect();
    const { rows } = await client.query(`SELECT * FROM users WHERE ${column} = '${identifierValue}'`);
    if (rows.length === 0) return callback(null);
    return callback(null, { user_id: rows[0].user_id, email: rows[0].email, email_verified: true });
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code}`));
  } finally {
    client.end().catch(() => {});
  }
}
