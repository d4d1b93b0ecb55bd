import { expect, it } from 'vitest';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { checkOne } from './check-connection.ts';

/** Sound scripts in the styles that people write; none has a finding. */
const scripts: [title: string, action: ActionName, source: string][] = [
  [
    'pg with callbacks',
    'get_user',
    `function getByEmail(value, context, callback) {
      const { Client } = require('pg');
      const client = new Client({ connectionString: configuration.URL });
      const sql = context.identifierType === 'user_id'
        ? 'SELECT id, email FROM users WHERE id = $1'
        : 'SELECT id, email FROM users WHERE email = $1';
      client.connect(function (err) {
        if (err) return callback(err);
        client.query(sql, [value], function (err, result) {
          client.end();
          if (err) return callback(err);
          if (result.rows.length === 0) return callback(null);
          const user = result.rows[0];
          callback(null, { user_id: String(user.id), email: user.email });
        });
      });
    }`,
  ],
  [
    'mysql with a pool and a helper function',
    'get_user',
    `const mysql = require('mysql');
    const columns = { user_id: 'id', other: 'email' };
    function getUser(value, { identifierType }, callback) {
      const pool = mysql.createPool(configuration.DSN);
      const finish = (err, user) => {
        pool.end();
        if (err) return callback(err);
        return callback(null, user);
      };
      const column = identifierType === 'user_id' ? columns.user_id : columns.other;
      pool.query('SELECT * FROM users WHERE ?? = ?', [column, value], (err, rows) => {
        if (err) return finish(err);
        if (!rows.length) return finish(null, null);
        finish(null, { user_id: 'mysql|' + rows[0].id, email: rows[0].email });
      });
    }`,
  ],
  [
    'mongodb with an async function and finally',
    'get_user',
    `async function getUser(value, context, callback) {
      const { MongoClient, ObjectId } = require('mongodb');
      const client = new MongoClient(configuration.URI);
      let filter = { email: value };
      if (context.identifierType === 'user_id') {
        try {
          filter = { _id: new ObjectId(value) };
        } catch (error) {
          return callback(null);
        }
      }
      try {
        await client.connect();
        const user = await client.db('app').collection('users').findOne(filter);
        if (!user) return callback(null);
        return callback(null, { user_id: user._id.toString(), email: user.email });
      } catch (error) {
        return callback(error);
      } finally {
        await client.close().catch(() => {});
      }
    }`,
  ],
  [
    'request with statuses told apart by a switch',
    'get_user',
    `function getUser(value, context, callback) {
      const request = require('request');
      const kind = context.identifierType || 'identifier';
      const options = { url: configuration.BASE + '/find', qs: { kind: kind, value: value }, json: true };
      request.get(options, function (error, response, body) {
        if (error) { return callback(error); }
        switch (response.statusCode) {
          case 200:
            return callback(null, { user_id: body.id, email: body.email });
          case 404:
            return callback(null);
          default:
            return callback(new Error('status ' + response.statusCode));
        }
      });
    }`,
  ],
  [
    'axios with promises, throwing on other statuses',
    'get_user',
    `function getUser(value, context, callback) {
      const axios = require('axios');
      const path = context.identifierType === 'user_id' ? 'id' : 'identifier';
      axios.get(configuration.BASE + '/users/by/' + path + '/' + encodeURIComponent(value))
        .then(({ data }) => ({ user_id: data.id, email: data.email }))
        .then((profile) => callback(null, profile))
        .catch((error) => {
          if (error.response && error.response.status === 404) {
            return callback(null);
          }
          return callback(new Error('the store failed'));
        });
    }`,
  ],
  [
    'a callback wrapped by util.callbackify',
    'get_user',
    `const { callbackify } = require('util');
    async function find(value, context) {
      const response = await fetch(configuration.BASE + '/users?' + new URLSearchParams({ value, by: context.identifierType || 'any' }));
      if (response.status === 404) return null;
      if (!response.ok) throw new Error('status ' + response.status);
      const user = await response.json();
      return { user_id: user.id, email: user.email };
    }
    module.exports = callbackify(find);`,
  ],
  [
    'retries in a loop',
    'get_user',
    `async function getUser(value, context, callback) {
      const url = configuration.BASE + (context.identifierType === 'user_id' ? '/id/' : '/any/') + encodeURIComponent(value);
      let last;
      for (let attempt = 0; attempt < 3; attempt++) {
        try {
          const response = await fetch(url, { headers: { authorization: 'Bearer ' + configuration.TOKEN } });
          if (response.status === 404) return callback(null);
          if (response.ok) {
            const user = await response.json();
            return callback(null, { user_id: user.id, email: user.email });
          }
          last = new Error('status ' + response.status);
        } catch (error) {
          last = error;
        }
      }
      return callback(last);
    }`,
  ],
  [
    'https of Node with events',
    'get_user',
    `function getUser(value, context, callback) {
      const https = require('https');
      const query = new URLSearchParams({ value, by: context.identifierType === 'user_id' ? 'id' : 'any' });
      const req = https.request(configuration.BASE + '/users?' + query, (res) => {
        let body = '';
        res.on('data', (chunk) => { body += chunk; });
        res.on('end', () => {
          if (res.statusCode === 404) return callback(null);
          if (res.statusCode !== 200) return callback(new Error('status ' + res.statusCode));
          let user;
          try {
            user = JSON.parse(body);
          } catch (error) {
            return callback(error);
          }
          callback(null, { user_id: user.id, email: user.email });
        });
      });
      req.on('error', (error) => callback(error));
      req.end();
    }`,
  ],
  [
    'bcrypt with callbacks',
    'login',
    `function login(email, password, context, callback) {
      const bcrypt = require('bcrypt');
      const { Pool } = require('pg');
      const pool = new Pool({ host: configuration.HOST, user: configuration.USER, password: configuration.PASSWORD });
      pool.query('SELECT * FROM users WHERE email = $1', [email], (err, result) => {
        if (err) return callback(err);
        const [user] = result.rows;
        if (!user) return callback(new WrongUsernameOrPasswordError(email));
        bcrypt.compare(password, user.password_hash, (err, isValid) => {
          if (err || !isValid) return callback(err || new WrongUsernameOrPasswordError(email));
          return callback(null, { user_id: user.id.toString(), email: user.email });
        });
      });
    }`,
  ],
  [
    'an anonymous function with one exit',
    'login',
    `module.exports = async function (email, password, context, cb) {
      let failure = null;
      let profile;
      try {
        const { data } = await require('axios').post(configuration.BASE + '/login', { email, password });
        profile = { user_id: data.id, email: data.email };
      } catch (err) {
        failure = err.response && err.response.status === 401
          ? new WrongUsernameOrPasswordError(email, 'wrong')
          : new Error('the store failed');
      }
      cb(failure, profile);
    };`,
  ],
  [
    'an arrow function with an inner async function',
    'login',
    `const login = (email, password, context, callback) => {
      const run = async () => {
        const response = await fetch(configuration.BASE + '/login', {
          method: 'POST',
          body: JSON.stringify({ email, password }),
        });
        if (response.status === 401) throw new WrongUsernameOrPasswordError(email);
        if (!response.ok) throw new Error('status ' + response.status);
        const user = await response.json();
        return { user_id: user.id, email: user.email };
      };
      run().then((profile) => callback(null, profile)).catch((error) => callback(error));
    };`,
  ],
  [
    'a create with a transaction',
    'create',
    `async function create(user, context, callback) {
      const bcrypt = require('bcrypt');
      const { randomUUID } = require('crypto');
      const { Client } = require('pg');
      const client = new Client(configuration.URL);
      const { email, given_name: givenName } = user;
      const id = randomUUID();
      try {
        await client.connect();
        const hash = user.password ? await bcrypt.hash(user.password, 10) : null;
        await client.query('BEGIN');
        await client.query('INSERT INTO users (id, email, name, hash) VALUES ($1, $2, $3, $4)', [id, email, givenName, hash]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        if (error.code === '23505') return callback(new ValidationError('user_exists', 'taken'));
        return callback(error);
      } finally {
        await client.end();
      }
      console.log('created', id);
      return callback(null, { user_id: id, email });
    }`,
  ],
  [
    'a create with promises and an optional password',
    'create',
    `function create(user, context, callback) {
      const axios = require('axios');
      const body = { email: user.email };
      if (user.password) {
        if (user.password.length > 72) return callback(new ValidationError('long', 'too long'));
        body.password = user.password;
      }
      axios.post(configuration.BASE + '/users', body, { headers: { authorization: 'Bearer ' + configuration.TOKEN } })
        .then((response) => {
          const created = response.data;
          const profile = {};
          profile.user_id = created.id;
          profile.email = created.email;
          callback(null, profile);
        }, (error) => {
          if (error.response && error.response.status === 409) {
            callback(new ValidationError('user_exists', 'taken'));
          } else {
            callback(error);
          }
        });
    }`,
  ],
  [
    'a create that looks before it inserts',
    'create',
    `function create(user, context, callback) {
      const { MongoClient } = require('mongodb');
      const client = new MongoClient(configuration.URI);
      client.connect(function (err) {
        if (err) return callback(err);
        const users = client.db('app').collection('users');
        users.findOne({ email: user.email }, function (err, existing) {
          if (err || existing) {
            client.close();
            return callback(err || new ValidationError('user_exists', 'taken'));
          }
          const row = { email: user.email, name: user.name, created: Date.now() };
          users.insertOne(row, function (err, result) {
            client.close();
            if (err) return callback(err);
            callback(null, { user_id: result.insertedId.toString(), email: user.email });
          });
        });
      });
    }`,
  ],
  [
    'a delete that does not mind who is gone',
    'delete',
    `async function remove(id, context, callback) {
      const response = await fetch(configuration.BASE + '/users/' + encodeURIComponent(id), { method: 'DELETE' });
      if (!response.ok && response.status !== 404) return callback(new Error('status ' + response.status));
      return callback(null);
    }`,
  ],
  [
    'a change of password with a generator',
    'change_password',
    `function changePassword(email, newPassword, context, callback) {
      const bcrypt = require('bcrypt');
      bcrypt.hash(newPassword, 10)
        .then((hash) => fetch(configuration.BASE + '/users?email=' + encodeURIComponent(email), {
          method: 'PATCH',
          body: JSON.stringify({ hash }),
        }))
        .then((response) => {
          if (response.status === 404) return callback(null, false);
          if (!response.ok) throw new Error('status ' + response.status);
          return callback(null, true);
        })
        .catch((error) => callback(error));
    }`,
  ],
];

it.each(scripts)('%s', (_title, action, source) => {
  expect(checkOne(source, action)).toEqual([]);
});
