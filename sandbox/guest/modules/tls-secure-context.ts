type Options = Record<string, unknown>;

/** What `tls.createSecureContext` makes: its options, which cross with each connection. */
export class SecureContext {
  readonly options: Options;
  /** Libraries look whether it is there. */
  readonly context = {};

  constructor(options: Options) {
    this.options = options;
  }
}
