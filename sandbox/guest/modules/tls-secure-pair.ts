import { EventEmitter } from 'events';
import { Duplex } from 'readable-stream';
import type { Options } from './net-options.ts';
import { SecureContext } from './tls-options.ts';
import { TLSSocket } from './tls-socket.ts';

type Done = (error?: Error | null) => void;

/** One of two streams of which each reads what is written to the other. */
class PairedStream extends Duplex {
  other: PairedStream | undefined;
  #afterRead: Done | undefined;

  override _read(): void {
    const done = this.#afterRead;
    this.#afterRead = undefined;
    done?.();
  }

  override _write(chunk: unknown, _encoding: string, done: Done): void {
    this.other!.#afterRead = done;
    this.other!.push(chunk);
  }

  override _final(done: Done): void {
    this.other!.push(null);
    done();
  }
}

/** As Node had it until version 23, for drivers of that time: what is written to `encrypted` is the peer's. */
class SecurePair extends EventEmitter {
  readonly cleartext: TLSSocket;
  readonly encrypted: PairedStream;

  constructor(options: Options) {
    super();
    const under = new PairedStream();
    this.encrypted = new PairedStream();
    under.other = this.encrypted;
    this.encrypted.other = under;
    this.cleartext = new TLSSocket(under, options);
    this.cleartext.once('secure', () => this.emit('secure'));
    this.cleartext.on('_tlsError', (error: Error) => this.emit('error', error));
  }

  get ssl(): TLSSocket['ssl'] {
    return this.cleartext.ssl;
  }

  destroy(): void {
    this.cleartext.destroy();
    this.encrypted.destroy();
  }
}

/** `(secureContext, isServer, requestCert, rejectUnauthorized, options)`; the peer is judged by who asks for it. */
export function createSecurePair(
  secureContext?: unknown,
  isServer?: boolean,
  _requestCert?: boolean,
  _rejectUnauthorized?: boolean,
  options: Options = {},
): SecurePair {
  const context = secureContext instanceof SecureContext ? { secureContext } : {};
  return new SecurePair({ ...options, ...context, isServer });
}
