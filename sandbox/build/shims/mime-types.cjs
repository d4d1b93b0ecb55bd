// mime-db is 140 KB of data, asked for by uploads of named files alone: loaded at the first one.
module.exports = { lookup: (path) => require('mime-types').lookup(path) };
