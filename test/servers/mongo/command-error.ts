import type { Document } from 'mongodb';

const codeNames = {
  2: 'BadValue',
  9: 'FailedToParse',
  13: 'Unauthorized',
  18: 'AuthenticationFailed',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  43: 'CursorNotFound',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  11000: 'DuplicateKey',
} as const;

/** What a server answers instead of a result; the numbers and names are MongoDB's. */
export class CommandError extends Error {
  readonly code: keyof typeof codeNames;
  readonly details: Document;

  constructor(code: keyof typeof codeNames, message: string, details: Document = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  reply(): Document {
    const { code, message, details } = this;
    return { ok: 0, errmsg: message, code, codeName: codeNames[code], ...details };
  }

  /** The same, as an entry of `writeErrors`. */
  writeError(index: number): Document {
    return { index, code: this.code, errmsg: this.message, ...this.details };
  }
}
