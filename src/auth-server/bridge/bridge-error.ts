/** What the bridge answered, or that it did not. The message is for the log: it may be a script's own words. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  /** A code of docs/errors.md, or `bridge_unreachable`. */
  readonly code: string;
  /** 0 where there was no answer. */
  readonly status: number;
  /** `fp` or `fu` of a refused login. */
  readonly logCode: string | undefined;

  constructor({ code, status, detail, logCode }: BridgeProblem) {
    super(detail);
    this.code = code;
    this.status = status;
    this.logCode = logCode;
  }

  /** The user store could not be asked: nothing may be concluded about the user. */
  get isOutage(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface BridgeProblem {
  code: string;
  status: number;
  detail: string;
  logCode?: string | undefined;
}
