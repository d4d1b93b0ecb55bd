import { stubs } from '../not-implemented.ts';
import { net } from './net.ts';

class TLSSocket extends net.Socket {}

export const tls = {
  TLSSocket,
  DEFAULT_MIN_VERSION: 'TLSv1.2',
  DEFAULT_MAX_VERSION: 'TLSv1.3',
  rootCertificates: [],
  ...stubs('tls', 'connect createServer createSecureContext checkServerIdentity getCiphers Server'),
};
