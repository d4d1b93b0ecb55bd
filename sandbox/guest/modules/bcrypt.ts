import { askHost, askHostLater, bytesOf, type Parts, textToBytes } from './crypto-bytes.ts';

type Callback<Result> = (error: Error | null, result?: Result) => void;

const messages = {
  data: 'data must be a string or Buffer and salt must either be a salt string or a number of rounds',
  missingSalt: 'data and salt arguments required',
  missingHash: 'data and hash arguments required',
  compare: 'data must be a string or Buffer and hash must be a string',
} as const;

/** The costs of bcrypt itself; what is above the bounds of the sandbox is refused when it is used. */
const MIN_ROUNDS = 4;
const MAX_ROUNDS = 31;
const DEFAULT_ROUNDS = 10;

function genSaltSync(rounds?: unknown, minor: unknown = 'b'): string {
  const asked = rounds || DEFAULT_ROUNDS;
  if (typeof asked !== 'number') throw new Error('rounds must be a number');
  if (minor !== 'a' && minor !== 'b') throw new Error('minor must be either "a" or "b"');
  const clamped = Math.min(Math.max(Math.trunc(asked), MIN_ROUNDS), MAX_ROUNDS);
  return askHost('bcrypt.genSalt', { rounds: clamped, minor }).value;
}

type Call = readonly [operation: string, params: object, parts: Parts];

function hashCall(data: unknown, salt: unknown): Call {
  if (data == null || salt == null) throw new Error(messages.missingSalt);
  const bytes = typeof data === 'string' ? textToBytes(data) : bytesOf(data);
  if (!bytes || (typeof salt !== 'string' && typeof salt !== 'number')) throw new Error(messages.data);
  const text = typeof salt === 'number' ? genSaltSync(salt) : salt;
  return ['bcrypt.hash', { salt: text }, { data: bytes }];
}

function compareCall(data: unknown, hash: unknown): Call {
  if (data == null || hash == null) throw new Error(messages.missingHash);
  const bytes = typeof data === 'string' ? textToBytes(data) : bytesOf(data);
  if (!bytes || typeof hash !== 'string') throw new Error(messages.compare);
  return ['bcrypt.compare', { hash }, { data: bytes }];
}

/** An asynchronous call by callback or promise; mistakes in the arguments reach the same place, never a throw. */
function later<Result>(makeCall: () => Call, callback: unknown): Promise<Result> | undefined {
  if (callback && typeof callback !== 'function') {
    return Promise.reject(new Error('cb must be a function or null to return a Promise'));
  }
  if (!callback)
    return new Promise((resolve, reject) =>
      start(makeCall, (e, r) => (e ? reject(e) : resolve(r as Result))),
    );
  start(makeCall, callback as Callback<Result>);
  return undefined;
}

function start<Result>(makeCall: () => Call, callback: Callback<Result>): void {
  let call: Call;
  try {
    call = makeCall();
  } catch (error) {
    return afterwards(() => callback(error as Error));
  }
  askHostLater(...call, (error, answer) => (error ? callback(error) : callback(null, answer!.value)));
}

/** In a turn of its own, which counts as work under way. */
function afterwards(run: () => void): void {
  askHostLater('crypto.random', { size: 0 }, {}, run);
}

function genSalt(...args: unknown[]): Promise<string> | undefined {
  const at = args.findIndex((argument) => typeof argument === 'function');
  const callback = at === -1 ? undefined : (args[at] as Callback<string>);
  const [rounds, minor] = at === -1 ? args : args.slice(0, at);
  const make = (done: Callback<string>) =>
    afterwards(() => {
      let salt: string;
      try {
        salt = genSaltSync(rounds, minor);
      } catch (error) {
        return done(error as Error);
      }
      done(null, salt);
    });
  if (callback) {
    make(callback);
    return undefined;
  }
  return new Promise((resolve, reject) => make((error, salt) => (error ? reject(error) : resolve(salt!))));
}

function hash(data: unknown, salt: unknown, callback?: unknown): Promise<string> | undefined {
  if (typeof data === 'function') return later(() => hashCall(undefined, undefined), data);
  if (typeof salt === 'function') return later(() => hashCall(data, undefined), salt);
  return later(() => hashCall(data, salt), callback);
}

function compare(data: unknown, hashed: unknown, callback?: unknown): Promise<boolean> | undefined {
  if (typeof data === 'function') return later(() => compareCall(undefined, undefined), data);
  if (typeof hashed === 'function') return later(() => compareCall(data, undefined), hashed);
  return later(() => compareCall(data, hashed), callback);
}

function getRounds(hashed: unknown): number {
  if (hashed == null) throw new Error('hash argument required');
  if (typeof hashed !== 'string') throw new Error('hash must be a string');
  const rounds = /^\$2[abxy]?\$(\d\d)\$/.exec(hashed)?.[1];
  if (rounds === undefined) throw new Error('invalid hash provided');
  return Number(rounds);
}

/**
 * npm bcrypt 6, done by the host's native one in its thread pool. At most 15 rounds (13 in the Sync variants);
 * more is a RangeError with ERR_OUT_OF_RANGE. Besides `$2a$` and `$2b$` it compares `$2y$` hashes, as PHP writes.
 */
export const bcrypt = {
  genSaltSync,
  genSalt,
  hashSync: (data: unknown, salt: unknown): string => askHost(...hashCall(data, salt)).value,
  hash,
  compareSync: (data: unknown, hashed: unknown): boolean => askHost(...compareCall(data, hashed)).value,
  compare,
  getRounds,
};
