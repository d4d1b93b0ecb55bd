// The API of easy-pbkdf2, of which the global `pbkdf2` of old scripts was an instance, over Node's own crypto. A salt is
// `iterations in hexadecimal` + `.` + `base64`; what stands behind the dot is taken as it is written.
const { createHash, pbkdf2, randomBytes, timingSafeEqual } = require('node:crypto');
const npmPbkdf2 = require('pbkdf2');

const defaults = { DEFAULT_HASH_ITERATIONS: 512, SALT_SIZE: 32, KEY_LENGTH: 256 };
const isFunction = (value) => typeof value === 'function';

/** Without a callback an answer is returned; the callback gets it alone, as in the package. */
function give(value, callback) {
  if (!isFunction(callback)) return value;
  process.nextTick(callback, value);
}

function iterationsOf(explicit, least) {
  const iterations = explicit ?? least;
  if (!Number.isInteger(Number(iterations))) throw new Error('explicitIterations must be an integer');
  if (iterations < least) throw new Error(`explicitIterations cannot be less than ${least}`);
  return Number(iterations).toString(16);
}

const methods = {
  weakHash(value) {
    const text = value === undefined || value === null ? '' : JSON.stringify(value);
    return createHash('sha1').update(text).digest('base64');
  },
  random(bytes, callback) {
    return give(randomBytes(bytes), callback);
  },
  generateSalt(explicit, callback) {
    if (isFunction(explicit)) return this.generateSalt(undefined, explicit);
    const iterations = iterationsOf(explicit, this.DEFAULT_HASH_ITERATIONS);
    return give(`${iterations}.${randomBytes(this.SALT_SIZE).toString('base64')}`, callback);
  },
  hash(value, salt, callback) {
    if (isFunction(salt) || salt === undefined || salt === null)
      return this.hash(value, this.generateSalt(), callback ?? salt);
    if (!isFunction(callback)) throw new Error('callback is required (as Function)');
    if (!value || typeof value !== 'string') return callback(new Error('value is required (as String)'));
    const dot = salt.indexOf('.');
    const iterations = Number.parseInt(salt.slice(0, dot), 16);
    pbkdf2(value, salt.slice(dot + 1), iterations, this.KEY_LENGTH, 'sha1', (error, key) =>
      callback(error, key?.toString('base64'), salt),
    );
  },
  secureHash(...args) {
    return this.hash(...args);
  },
  verify(salt, priorHash, value, callback) {
    if (!priorHash || typeof priorHash !== 'string')
      return callback(new Error('priorHash is required (as String)'));
    const prior = Buffer.from(priorHash, 'base64');
    const same = (hash) => timingSafeEqual(Buffer.from(hash, 'base64'), prior);
    create({ KEY_LENGTH: prior.length }).hash(value, salt, (error, hash) =>
      callback(error, error ? undefined : same(hash)),
    );
  },
};

const create = (options) => Object.assign(Object.create(methods), defaults, options);

/** `new` or not. */
function EasyPbkdf2(options) {
  return create(options);
}
EasyPbkdf2.prototype = methods;
module.exports = Object.assign(EasyPbkdf2, { EasyPbkdf2 });
// Some scripts take the global for the package `pbkdf2`.
Object.defineProperty(EasyPbkdf2, 'global', { value: Object.assign(create(), npmPbkdf2) });
