// mongodb 2 connected to a database, mongodb 3 connects a client: here the client has the methods of the database that
// its address names, so that `MongoClient.connect(url, (error, db) => db.collection('users'))` finds them.
const ofDatabases = [
  'addUser',
  'admin',
  'aggregate',
  'collection',
  'collections',
  'command',
  'createCollection',
  'createIndex',
  'dropCollection',
  'dropDatabase',
  'ensureIndex',
  'executeDbAdminCommand',
  'indexInformation',
  'listCollections',
  'removeUser',
  'renameCollection',
  'stats',
];

module.exports = (mongodb) => {
  const { prototype } = mongodb.MongoClient;
  for (const name of ofDatabases) {
    if (name in prototype) continue;
    const value = function (...args) {
      return this.db()[name](...args);
    };
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
  Object.defineProperty(prototype, 'databaseName', {
    get() {
      return this.db().databaseName;
    },
    configurable: true,
  });
  return mongodb;
};
