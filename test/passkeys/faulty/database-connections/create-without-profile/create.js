const addUser = require('./lib/add-user');

async function create(user, context, callback) {
  try {
    return callback(null, await addUser({ email: user.email, password: user.password }));
  } catch (error) {
    return callback(error);
  }
}
