import type { Patch } from './patch.ts';

/**
 * tedious 1 and 11 go on with the login when the last packet of the TLS handshake has come, because in Node the
 * handshake is done within the call that takes it. Here it is done by the host a moment later, and then they went on
 * waiting for another packet. Patched, they look again when the handshake is done.
 */
const isNegotiated = /if \(this\.messageIo\.tlsNegotiationComplete\) \{/g;
const file = /\/tedious-(?:1|11)\/lib\/connection\.js$/;

function lookAgain(how: string): string {
  return `if (!this.messageIo.tlsNegotiationComplete && !this.awaitsTls) {
  this.awaitsTls = true;
  this.messageIo.once('secure', () => process.nextTick(() => ${how}));
}
if (this.messageIo.tlsNegotiationComplete) {`;
}

export const lateHandshakeOf1: Patch[] = [
  { file, find: isNegotiated, replace: lookAgain("this.dispatchEvent('message')") },
];
export const lateHandshakeOf11: Patch[] = [
  {
    file,
    find: /message\.once\('end', (?=\(\) => \{\s+if \(this\.messageIo\.tls)/g,
    replace: "message.on('end', ",
  },
  { file, find: isNegotiated, replace: lookAgain("message.emit('end')") },
];
