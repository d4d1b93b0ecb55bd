type Options = Record<string, unknown>;

/** What `tls.createSecureContext` makes: its options, which cross with each connection. */
export class SecureContext {
  readonly options: Options = {};
  /** Libraries look whether it is there. */
  readonly context = {};

  /** Tedious hands over an object that has its options by inheritance. */
  constructor(options: Options) {
    for (const name in options) this.options[name] = options[name];
  }
}
