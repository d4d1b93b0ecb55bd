// The host speaks HTTP/1.1 to upstreams; undici, which could do both, does without it.
exports.constants = {};
