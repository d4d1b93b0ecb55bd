/**
 * Deletes a user. Deleting one who is gone already succeeds, so that a deletion can be repeated.
 *
 * @type {DrawbridgeScripts.Delete}
 */
async function remove(userId, context, callback) {
  const ldap = require('ldapjs');

  const idAttribute = configuration.LDAP_ID_ATTRIBUTE || 'entryUUID';

  let client;
  try {
    client = await connect();
    const entry = await find(client, new ldap.EqualityFilter({ attribute: idAttribute, value: userId }));
    if (entry) await request(client, 'del', entry.objectName);
  } catch (error) {
    return callback(new Error(`The directory failed: ${reason(error)}`));
  } finally {
    client?.destroy();
  }
  return callback(null);

  // A connection for this execution alone, because binding changes whom it belongs to.
  async function connect() {
    // A dashboard's field has one line: there, write \n for the line breaks of the PEM.
    const ca = configuration.LDAP_CA ? configuration.LDAP_CA.replace(/\\n/g, '\n') : undefined;
    const client = ldap.createClient({
      url: configuration.LDAP_URL,
      tlsOptions: ca ? { ca } : {},
      connectTimeout: 5000, // this and all requests together take less than the script's own deadline
      timeout: 3000,
    });
    try {
      await new Promise((resolve, reject) => {
        client.once('connect', resolve);
        client.on('error', reject); // and stays, so that a later error is not an uncaught one
      });
      await request(client, 'bind', configuration.LDAP_BIND_DN, configuration.LDAP_BIND_PASSWORD);
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  function request(client, method, ...values) {
    return new Promise((resolve, reject) => {
      client[method](...values, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  // The one person that the filter holds for. Filters are objects, so that no value can become a part of one.
  function find(client, filter) {
    const people = new ldap.EqualityFilter({ attribute: 'objectClass', value: 'inetOrgPerson' });
    const options = {
      scope: 'sub',
      sizeLimit: 2,
      filter: new ldap.AndFilter({ filters: [people, filter] }),
      attributes: ['objectClass'],
    };
    return new Promise((resolve, reject) => {
      client.search(configuration.LDAP_BASE_DN, options, (error, search) => {
        if (error) return reject(error);
        const found = [];
        search.on('searchEntry', (entry) => found.push(entry));
        search.on('error', reject);
        search.on('end', () => {
          if (found.length > 1) return reject(Object.assign(new Error(), { code: 'AMBIGUOUS_IDENTIFIER' }));
          resolve(found[0]);
        });
      });
    });
  }

  // An error of LDAP has a number for a code, and a name that says the same; its message may name an entry.
  function reason(error) {
    return error instanceof ldap.LDAPError ? error.name : error.code || error.message;
  }
}
