/**
 * Changes a username. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangeUsername}
 */
async function changeUsername(username, newUsername, context, callback) {
  const ldap = require('ldapjs');

  let client;
  let entry;
  let other;
  try {
    client = await connect();
    entry = await find(client, new ldap.EqualityFilter({ attribute: 'uid', value: username }));
    other = await find(client, new ldap.EqualityFilter({ attribute: 'uid', value: newUsername }));
    if (entry && (!other || String(other.objectName) === String(entry.objectName)))
      await rename(client, entry);
  } catch (error) {
    if (saysTaken(error)) {
      return callback(new ValidationError('user_exists', 'Another user has this username'));
    }
    return callback(new Error(`The directory failed: ${reason(error)}`));
  } finally {
    client?.destroy();
  }

  if (!entry) return callback(null, false);
  if (other && String(other.objectName) !== String(entry.objectName)) {
    return callback(new ValidationError('user_exists', 'Another user has this username'));
  }
  return callback(null, true);

  async function rename(client, entry) {
    const change = (operation, value) =>
      new ldap.Change({ operation, modification: new ldap.Attribute({ type: 'uid', values: [value] }) });
    try {
      await request(client, 'modify', entry.objectName, [
        change('delete', username),
        change('add', newUsername),
      ]);
    } catch (error) {
      // A person who was in the directory before these scripts may be named by the uid.
      if (!['NotAllowedOnRdnError', 'NamingViolationError'].includes(error.name)) throw error;
      const name = new ldap.RDN({ uid: newUsername }).toString();
      await request(client, 'modifyDN', entry.objectName.toString(), `${name},${entry.objectName.parent()}`);
    }
  }

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

  // The directory's own word, when it keeps these values unique (the overlay `unique` of OpenLDAP).
  function saysTaken(error) {
    return error.name === 'EntryAlreadyExistsError' || /unique/i.test(error.message);
  }

  // An error of LDAP has a number for a code, and a name that says the same; its message may name an entry.
  function reason(error) {
    return error instanceof ldap.LDAPError ? error.name : error.code || error.message;
  }
}
