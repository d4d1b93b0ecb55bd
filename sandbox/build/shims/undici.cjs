// What the host uses of it: with the rest, most of what a sandbox process reads at its start would be of no use.
exports.Agent = require('undici/lib/dispatcher/agent.js');
exports.Pool = require('undici/lib/dispatcher/pool.js');
exports.buildConnector = require('undici/lib/core/connect.js');
