/**
 * Finds a user by user_id, or by identifier: an email address, a username or a phone number.
 * "Not found" is said only when the store said so. An outage is an Error: taken for "not found", it would let
 * a signup create the same person twice.
 *
 * @type {DrawbridgeScripts.GetUser}
 */
async function getUser(identifierValue, context, callback) {
  const axios = require('axios');

  let user;
  try {
    user = await (context.identifierType === 'user_id'
      ? findById(identifierValue)
      : findBy(kindOf(identifierValue), identifierValue));
  } catch (error) {
    return callback(new Error(`The tenant failed: ${error.code || error.message}`));
  }

  if (!user) return callback(null);
  return callback(null, toProfile(user));

  async function findById(userId) {
    const { status, data } = await manage('get', `/users/${encodeURIComponent(userId)}`);
    if (status === 404 || (status === 400 && data?.errorCode === 'invalid_uri')) return undefined;
    if (status !== 200) throw new Error(`its Management API answered ${status} to a look-up`);
    return data.user_id === userId && isOurs(data) ? data : undefined;
  }

  // By shape, and each kind in its own field: no username can stand in for somebody's email address.
  function kindOf(identifier) {
    if (/^[^@]+@[^@]+$/.test(identifier)) return 'email';
    return /^\+\d{1,15}$/.test(identifier) ? 'phone_number' : 'username';
  }

  async function findBy(field, identifier) {
    const value = lowerCase(identifier);
    const { status, data } = await (field === 'email'
      ? manage('get', '/users-by-email', { params: { email: value } })
      : manage('get', '/users', { params: { search_engine: 'v3', q: `${field}:${quoted(value)}` } }));
    if (status === 400 && field === 'email') return undefined; // no email address is like this
    if (status !== 200) throw new Error(`its Management API answered ${status} to a look-up`);
    return data.find((user) => isOurs(user) && user[field] === value);
  }

  // In a search that is a text: what could end the quoted value, or begin something else, is escaped.
  function quoted(value) {
    return `"${value.replace(/["\\]/g, '\\$&')}"`;
  }

  // The tenant keeps email addresses and usernames in lower case.
  function lowerCase(identifier) {
    return identifier.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }

  // The tenant may have other connections; their users are none of ours.
  function isOurs(user) {
    return user.identities.some(({ connection }) => connection === configuration.TENANT_CONNECTION);
  }

  // A request to the Management API. Every status is an answer, told apart by those who ask.
  /** @type {(method: string, path: string, parts?: { params?: object, data?: object }) => Promise<any>} */
  async function manage(method, path, { params, data } = {}) {
    const send = async () =>
      axios.request({
        method,
        url: `${configuration.TENANT_URL}/api/v2${path}`,
        params,
        data,
        headers: { Authorization: `Bearer ${await managementToken()}` },
        timeout: 5000, // milliseconds; all requests together take less than the script's own deadline
        validateStatus: () => true,
      });
    const response = await send();
    if (response.status !== 401) return response;
    global.managementToken = undefined; // it was revoked, or is of a key that the tenant no longer uses
    return send();
  }

  // Asked for once and kept for the executions that follow: a tenant counts the tokens that it gives out.
  async function managementToken() {
    const kept = global.managementToken;
    if (kept && kept.expires > Date.now()) return kept.value;
    const { status, data } = await axios.post(
      `${configuration.TENANT_URL}/oauth/token`,
      {
        grant_type: 'client_credentials',
        client_id: configuration.TENANT_CLIENT_ID,
        client_secret: configuration.TENANT_CLIENT_SECRET,
        audience: `${configuration.TENANT_URL}/api/v2/`,
      },
      { timeout: 5000, validateStatus: () => true },
    );
    if (status !== 200) throw new Error(`its token endpoint answered ${status}`);
    global.managementToken = {
      value: data.access_token,
      expires: Date.now() + (data.expires_in - 60) * 1000,
    };
    return data.access_token;
  }

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(user) {
    return {
      user_id: user.user_id,
      email: user.email,
      email_verified: user.email_verified,
      username: user.username,
      phone_number: user.phone_number,
      phone_verified: user.phone_verified,
      name: user.name,
      given_name: user.given_name,
      family_name: user.family_name,
      nickname: user.nickname,
      picture: user.picture,
      user_metadata: user.user_metadata,
      app_metadata: user.app_metadata,
    };
  }
}
