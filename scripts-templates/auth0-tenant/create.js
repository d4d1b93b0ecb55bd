/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user then has one that nobody knows.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const axios = require('axios');
  const { randomBytes } = require('crypto');

  // Named one by one: `user` also carries the passkey ceremony and the login transaction, which the tenant must
  // not get. What is undefined is left out of the JSON.
  const newUser = {
    connection: configuration.TENANT_CONNECTION,
    email: user.email,
    email_verified: user.email ? false : undefined,
    verify_email: user.email ? false : undefined, // the auth server writes to its users itself
    username: user.username,
    phone_number: user.phone_number,
    phone_verified: user.phone_number ? false : undefined,
    // Most connections want a password. This one is long enough for any policy, and nobody learns it.
    password: user.password ?? `${randomBytes(24).toString('base64url')}-Aa1`,
    name: user.name,
    given_name: user.given_name,
    family_name: user.family_name,
    nickname: user.nickname,
    picture: user.picture,
    user_metadata: user.user_metadata ?? {},
    app_metadata: user.app_metadata ?? {},
  };

  let response;
  try {
    response = await manage('post', '/users', { data: newUser });
  } catch (error) {
    return callback(new Error(`The tenant failed: ${error.code || error.message}`));
  }

  if (response.status === 409) {
    return callback(new ValidationError('user_exists', 'The user already exists'));
  }
  if (response.status === 400 && /^Password/.test(response.data?.message)) {
    return callback(new ValidationError('invalid_password', 'The tenant refuses this password'));
  }
  if (response.status !== 201) {
    return callback(
      new Error(`The tenant failed: its Management API answered ${response.status} to a signup`),
    );
  }
  return callback(null, toProfile(response.data));

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
