/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user is stored without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const ldap = require('ldapjs');
  const { randomUUID } = require('crypto');
  const idAttribute = configuration.LDAP_ID_ATTRIBUTE || 'entryUUID';

  // Named one by one: `user` also carries the passkey ceremony and the login transaction, which are not stored.
  const authId = randomUUID();
  const attributes = {
    objectClass: ['inetOrgPerson', 'authUser'],
    authId,
    mail: user.email,
    authEmailVerified: 'FALSE',
    uid: user.username,
    mobile: user.phone_number,
    authPhoneVerified: 'FALSE',
    userPassword: user.password,
    cn: user.name || '-', // cn and sn must not be empty
    givenName: user.given_name,
    sn: user.family_name || '-',
    authNickname: user.nickname,
    authPicture: user.picture,
    authUserMetadata: JSON.stringify(user.user_metadata ?? {}),
    authAppMetadata: JSON.stringify(user.app_metadata ?? {}),
  };
  const given = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value));

  let client;
  let entry;
  let taken = false;
  try {
    client = await connect();
    for (const attribute of ['mail', 'uid', 'mobile'].filter((name) => given[name])) {
      const filter = new ldap.EqualityFilter({ attribute, value: given[attribute] });
      taken = taken || (await find(client, filter)) !== undefined;
    }
    if (!taken) {
      // The entry is named by a value that never changes, because groups and others refer to it by its name.
      await request(client, 'add', `authId=${authId},${configuration.LDAP_BASE_DN}`, given);
      entry = await find(client, new ldap.EqualityFilter({ attribute: 'authId', value: authId }));
    }
  } catch (error) {
    if (saysTaken(error)) return callback(new ValidationError('user_exists', 'The user already exists'));
    if (error.name === 'ConstraintViolationError') {
      return callback(new ValidationError('invalid_password', 'The directory refuses this password'));
    }
    return callback(new Error(`The directory failed: ${reason(error)}`));
  } finally {
    client?.destroy();
  }

  if (taken) return callback(new ValidationError('user_exists', 'The user already exists'));
  return callback(null, toProfile(entry));

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
      attributes: [
        idAttribute,
        'mail',
        'authEmailVerified',
        'uid',
        'mobile',
        'authPhoneVerified',
        'cn',
        'givenName',
        'sn',
        'authNickname',
        'authPicture',
        'authUserMetadata',
        'authAppMetadata',
      ],
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

  function firstOf(entry, type) {
    const found = entry.attributes.find((attribute) => attribute.type.toLowerCase() === type.toLowerCase());
    return found?.values[0];
  }

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(entry) {
    const text = (type) => firstOf(entry, type);
    const name = (type) => (text(type) === '-' ? undefined : text(type)); // create.js fills what must not be empty
    const flag = (type) => (text(type) === undefined ? undefined : text(type) === 'TRUE');
    const json = (type) => (text(type) === undefined ? undefined : JSON.parse(text(type)));
    const phone = text('mobile')?.replace(/[^\d+]/g, ''); // directories hold spaces and dashes in it
    return {
      user_id: text(idAttribute),
      email: text('mail'),
      email_verified: flag('authEmailVerified'),
      username: text('uid'),
      phone_number: /^\+\d{1,15}$/.test(phone) ? phone : undefined,
      phone_verified: flag('authPhoneVerified'),
      name: name('cn'),
      given_name: text('givenName'),
      family_name: name('sn'),
      nickname: text('authNickname'),
      picture: text('authPicture'),
      user_metadata: json('authUserMetadata'),
      app_metadata: json('authAppMetadata'),
    };
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
