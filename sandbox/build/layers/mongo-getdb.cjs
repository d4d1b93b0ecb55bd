// The API of mongo-getdb, which was the global `mongo` of old scripts: `mongo(url, function (db) { … })`. A client is
// kept for each address. A callback that takes the database alone has no place for an error: mongo-getdb ended the
// process then, and here the error ends the execution. With two parameters it gets `(error, db)`.

/** Of the driver's 30 s a script would see nothing but its deadline. */
const options = { useNewUrlParser: true, useUnifiedTopology: true, serverSelectionTimeoutMS: 5_000 };
const types = ['Long', 'Double', 'ObjectID', 'Timestamp', 'BSON'];

module.exports = (mongodb) => {
  const databases = new Map();
  const configured = new Map();

  function databaseOf(url, more) {
    const key = JSON.stringify([url, more]);
    const known = databases.get(key);
    if (known) return known;
    const connecting = mongodb.MongoClient.connect(url, { ...options, ...more }).then((client) => {
      const db = client.db();
      const close = (...args) => {
        databases.delete(key);
        return client.close(...args);
      };
      return Object.assign(db, { client, close });
    });
    databases.set(key, connecting);
    // The next call tries again.
    connecting.catch(() => databases.delete(key));
    return connecting;
  }

  function give(url, more, callback) {
    databaseOf(url, more).then(
      (db) => setImmediate(() => (callback.length === 1 ? callback(db) : callback(null, db))),
      (error) =>
        setImmediate(() => {
          if (callback.length === 1) throw error;
          callback(error);
        }),
    );
  }

  /** `(url[, options], callback)`; `(alias, callback)` and `(callback)` after `init`; `(url[, options])` for later. */
  function getDb(...args) {
    const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const [name = 'default', more] = args;
    const [url, settings] = configured.get(name) ?? [name, more];
    if (typeof url !== 'string' || !/^mongodb(?:\+srv)?:/.test(url))
      throw new Error('The address of a MongoDB begins with mongodb:// or mongodb+srv://');
    if (!callback) return (later) => give(url, settings, later);
    give(url, settings, callback);
  }

  getDb.init = (...args) => {
    const alias = typeof args[1] === 'string' ? args.shift() : 'default';
    configured.set(alias, args);
  };
  for (const name of types)
    Object.defineProperty(getDb, name, { get: () => mongodb[name], enumerable: true });
  return getDb;
};
