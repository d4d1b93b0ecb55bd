// The API of scrypt 6, whose native part no current Node can build, over Node's own scrypt. Keys of `kdf` are in the
// format of Colin Percival's scrypt: header, salt, checksum and signature, 96 bytes.
const { createHash, createHmac, randomBytes, scrypt, scryptSync, timingSafeEqual } = require('node:crypto');

const MAGIC = Buffer.from('scrypt\0');
const KEY_BYTES = 96;
/** Of N · r that a second on a current machine is enough for. */
const WORK_PER_SECOND = 2 ** 21;
const BLOCK_SIZE = 8;

/** With a callback as its last argument the function calls it, else it answers by a promise. */
function eitherWay(work) {
  return (...args) => {
    const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const promise = work(...args);
    if (!callback) return promise;
    promise.then((value) => callback(null, value), callback);
  };
}

const costOf = (N, r, p) => ({ N, r, p, maxmem: 128 * N * r + 128 * r * p + 2 ** 20 });

function derive(password, salt, bytes, cost) {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** `params.N` is the logarithm here. */
function headerOf({ N, r, p }, salt = randomBytes(32)) {
  const header = Buffer.alloc(48);
  MAGIC.copy(header);
  header.writeUInt8(N, 7);
  header.writeUInt32BE(r, 8);
  header.writeUInt32BE(p, 12);
  salt.copy(header, 16);
  return header;
}

function readHeader(key) {
  if (!Buffer.isBuffer(key) || key.length < KEY_BYTES || !key.subarray(0, 7).equals(MAGIC))
    throw new Error('The data is not a valid scrypt-encrypted block');
  const cost = costOf(2 ** key.readUInt8(7), key.readUInt32BE(8), key.readUInt32BE(12));
  return { salt: key.subarray(16, 48), cost };
}

function complete(header, derived) {
  const checksum = createHash('sha256').update(header).digest().subarray(0, 16);
  const begun = Buffer.concat([header, checksum]);
  return Buffer.concat([begun, createHmac('sha256', derived.subarray(32)).update(begun).digest()]);
}

const logCost = ({ N, r, p }) => costOf(2 ** N, r, p);
const isSame = (key, derived) =>
  timingSafeEqual(complete(key.subarray(0, 48), derived), key.subarray(0, KEY_BYTES));

function paramsSync(maxtime) {
  const work = Math.max(2 ** 13, maxtime * WORK_PER_SECOND);
  return { N: Math.floor(Math.log2(work / BLOCK_SIZE)), r: BLOCK_SIZE, p: 1 };
}

function kdfSync(password, params) {
  const header = headerOf(params);
  return complete(header, scryptSync(password, header.subarray(16), 64, logCost(params)));
}

async function kdf(password, params) {
  const header = headerOf(params);
  return complete(header, await derive(password, header.subarray(16), 64, logCost(params)));
}

function verifyKdfSync(key, password) {
  const { salt, cost } = readHeader(key);
  return isSame(key, scryptSync(password, salt, 64, cost));
}

async function verifyKdf(key, password) {
  const { salt, cost } = readHeader(key);
  return isSame(key, await derive(password, salt, 64, cost));
}

module.exports = {
  params: eitherWay(async (maxtime) => paramsSync(maxtime)),
  paramsSync,
  kdf: eitherWay(kdf),
  kdfSync,
  verifyKdf: eitherWay(verifyKdf),
  verifyKdfSync,
  hash: eitherWay((password, { N, r, p }, bytes, salt) => derive(password, salt, bytes, costOf(N, r, p))),
  hashSync: (password, { N, r, p }, bytes, salt) => scryptSync(password, salt, bytes, costOf(N, r, p)),
};
