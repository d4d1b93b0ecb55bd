/** What may be written of an error that nobody expected. */
export interface HarmlessError {
  type: string;
  code?: string;
  /** Of errors of the operating system alone: they name a path or an address. */
  message?: string;
  /** The type, the message if there is one, and the places. */
  stack: string;
  cause?: HarmlessError;
}

/**
 * Any other message may be made of what the code was given, the password in a request included: V8 quotes a text that is
 * no JSON, Node an argument of the wrong type, libraries what they were asked for. Properties hold requests and options.
 * The type and the places are enough to find the line.
 */
export function harmlessError(error: unknown): HarmlessError {
  if (!(error instanceof Error)) {
    return { type: 'unknown', stack: 'something that is no Error was thrown' };
  }
  const type = /^\w{1,60}$/.test(error.name) ? error.name : 'Error';
  const { code } = error as Error & { code?: unknown };
  const hasCode = typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code);
  const isSystemError = hasCode && /^E[A-Z]+$/.test(code);
  const head = [type, hasCode ? code : '', isSystemError ? error.message : ''].filter((part) => part !== '');
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type,
    ...(hasCode ? { code } : {}),
    ...(isSystemError ? { message: error.message } : {}),
    stack: [head.join(': '), ...places].join('\n'),
    ...(error.cause === undefined ? {} : { cause: harmlessError(error.cause) }),
  };
}
