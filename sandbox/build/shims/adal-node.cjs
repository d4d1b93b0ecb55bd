// tedious 11 makes a cache of tokens when it is loaded.
module.exports = require('./refused.cjs')('adal-node', { MemoryCache: class MemoryCache {} });
