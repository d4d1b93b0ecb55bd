// tedious 1 does TLS by `tls.createSecurePair`, which Node has taken away: here over a pair of streams, of which one
// end is what `tls.connect` takes for its socket and the other carries what goes over the wire.
const { EventEmitter } = require('node:events');
const tls = require('node:tls');
const DuplexPair = require('native-duplexpair');

function createSecurePair(secureContext) {
  const { socket1: inner, socket2: encrypted } = new DuplexPair();
  // tedious looks at the certificate itself, unless it is told to trust any.
  const cleartext = tls.connect({ socket: inner, secureContext, rejectUnauthorized: false });
  const pair = Object.assign(new EventEmitter(), {
    cleartext,
    encrypted,
    ssl: {
      verifyError: () => (cleartext.authorized ? null : new Error(String(cleartext.authorizationError))),
    },
    destroy() {
      cleartext.destroy();
      encrypted.destroy();
    },
  });
  cleartext.on('secureConnect', () => pair.emit('secure'));
  cleartext.on('error', (error) => {
    if (pair.listenerCount('error') > 0) pair.emit('error', error);
    encrypted.destroy();
  });
  return pair;
}

module.exports = Object.create(tls, { createSecurePair: { value: createSecurePair } });
