import { EventEmitter } from 'node:events';
import { duplexPair } from 'node:stream';
import tls, { type SecureContext } from 'node:tls';

/**
 * `tls.createSecurePair`, the client's side, as tedious 1 calls it; Node.js took it away in version 24. TLS between
 * `encrypted`, which is piped to and from a socket, and `cleartext`.
 */
export function createSecurePair(secureContext: SecureContext) {
  const [inner, encrypted] = duplexPair();
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
  cleartext.on('error', (error) => pair.emit('error', error));
  return pair;
}
