/**
 * Deletes a user. Deleting one who is gone already succeeds, so that a deletion can be repeated.
 *
 * @type {DrawbridgeScripts.Delete}
 */
async function remove(userId, context, callback) {
  const axios = require('axios');

  let status = 204;
  try {
    const user = await findById(userId);
    if (user) ({ status } = await manage('delete', `/users/${encodeURIComponent(userId)}`));
  } catch (error) {
    return callback(new Error(`The tenant failed: ${error.code || error.message}`));
  }

  if (status !== 204 && status !== 404) {
    return callback(new Error(`The tenant failed: its Management API answered ${status} to a deletion`));
  }
  return callback(null);

  async function findById(userId) {
    const { status, data } = await manage('get', `/users/${encodeURIComponent(userId)}`);
    if (status === 404 || (status === 400 && data?.errorCode === 'invalid_uri')) return undefined;
    if (status !== 200) throw new Error(`its Management API answered ${status} to a look-up`);
    return data.user_id === userId && isOurs(data) ? data : undefined;
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
