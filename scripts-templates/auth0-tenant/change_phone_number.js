/**
 * Changes a phone number, or whether it is verified. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePhoneNumber}
 */
async function changePhoneNumber(phoneNumber, newPhoneNumber, verified, context, callback) {
  const axios = require('axios');

  let outcome = 'gone';
  try {
    const user = await findBy('phone_number', phoneNumber);
    if (user) {
      outcome = await change(user, { phone_number: newPhoneNumber, phone_verified: verified === true });
    }
  } catch (error) {
    return callback(new Error(`The tenant failed: ${error.code || error.message}`));
  }
  if (outcome === 'taken') {
    return callback(new ValidationError('user_exists', 'Another user has this phone number'));
  }
  return callback(null, outcome === 'changed');

  async function change(user, changes) {
    const data = { ...changes, connection: configuration.TENANT_CONNECTION };
    const path = `/users/${encodeURIComponent(user.user_id)}`;
    const { status, data: answer } = await manage('patch', path, { data });
    const message = String(answer?.message);
    if (status === 409 || (status === 400 && /already exists/i.test(message))) return 'taken';
    if (status === 400 && /^Password/.test(message)) return 'refused password';
    if (status === 404) return 'gone';
    if (status !== 200) throw new Error(`its Management API answered ${status} to a change`);
    return 'changed';
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
}
