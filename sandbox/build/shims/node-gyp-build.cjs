// Stands for argon2's native part: the runtime's own argon2, which is the host's OpenSSL.
const { argon2 } = require('node:crypto');

const algorithms = ['argon2d', 'argon2i', 'argon2id'];
/** The one version there has been since 2015; OpenSSL has no other. */
const VERSION = 0x13;

module.exports = () => ({
  hash({ password, salt, secret, data, hashLength, m, t, p, type, version }) {
    if (version !== VERSION)
      return Promise.reject(new Error(`Version ${version} of Argon2 is not supported`));
    const parameters = {
      message: password,
      nonce: salt,
      parallelism: p,
      tagLength: hashLength,
      memory: m,
      passes: t,
    };
    if (secret.length > 0) parameters.secret = secret;
    if (data.length > 0) parameters.associatedData = data;
    return new Promise((resolve, reject) => {
      argon2(algorithms[type], parameters, (error, hash) => (error ? reject(error) : resolve(hash)));
    });
  },
});
