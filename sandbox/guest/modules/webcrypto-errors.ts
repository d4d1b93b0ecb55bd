interface DomExceptionClass {
  new (message: string, name: string): Error;
}

/** A DOMException where the runtime has that class, else an Error of the same name. */
export function domError(name: string, message: string): Error {
  const { DOMException } = globalThis as { DOMException?: DomExceptionClass };
  if (DOMException) return new DOMException(message, name);
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name, configurable: true });
  return error;
}

/** The host sends a DOMException's name as its code. */
export function fromHost(error: Error & { code?: unknown }): Error {
  const { code } = error;
  return typeof code === 'string' && /^[A-Z][A-Za-z]+Error$/.test(code)
    ? domError(code, error.message)
    : error;
}
