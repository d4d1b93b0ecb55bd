/** undici's errors in the words of node:http, which scripts and libraries know how to read. */
export function asNodeError(
  error: unknown,
  where: { host: string; port: number; headArrived: boolean },
): Error {
  if (error instanceof AggregateError) return fromAggregate(error);
  if (!(error instanceof Error)) return connectionReset(where.headArrived);
  if (error.name === 'HTTPParserError') return parseError(error);
  switch ((error as { code?: unknown }).code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return withCode(`connect ETIMEDOUT ${where.host}:${where.port}`, 'ETIMEDOUT', {
        syscall: 'connect',
        address: where.host,
        port: where.port,
      });
    case 'UND_ERR_HEADERS_OVERFLOW':
      return withCode('Parse Error: Header overflow', 'HPE_HEADER_OVERFLOW');
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return withCode(error.message, 'ERR_INVALID_ARG_VALUE');
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_INFO':
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return connectionReset(where.headArrived);
    case 'ECONNRESET':
      return where.headArrived ? connectionReset(true) : error;
    default:
      return error;
  }
}

/** undici puts the parser's reason in brackets, and at times leaves out its code. */
function parseError(error: Error): Error {
  const reason = /\((?<reason>.*)\)$/.exec(error.message)?.groups?.reason ?? error.message;
  const { code = 'HPE_INVALID_CONSTANT' } = error as NodeJS.ErrnoException;
  return withCode(`Parse Error: ${reason}`, code);
}

/** Every address of a name failed; node:net keeps one error per address and leaves the message empty. */
function fromAggregate(error: AggregateError): Error {
  const causes = error.errors.filter((cause): cause is NodeJS.ErrnoException => cause instanceof Error);
  const first = causes[0] as (NodeJS.ErrnoException & { address?: string; port?: number }) | undefined;
  const message = causes.map((cause) => cause.message).join('; ') || 'connect failed';
  return withCode(message, (error as NodeJS.ErrnoException).code ?? first?.code ?? 'ECONNREFUSED', {
    errno: first?.errno,
    syscall: first?.syscall,
    address: first?.address,
    port: first?.port,
  });
}

function connectionReset(headArrived: boolean): Error {
  return withCode(headArrived ? 'aborted' : 'socket hang up', 'ECONNRESET');
}

function withCode(message: string, code: string, props: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { code }, props);
}

/** The request was given up on this side: nobody reads this error. */
export function requestAborted(): Error {
  return withCode('The operation was aborted', 'ABORT_ERR');
}

/** Of all sockets and responses of one execution. */
export function tooManyBytes(): Error {
  return withCode('The sockets of one execution have carried more than 64 MB', 'ERR_SOCKET_BYTES_LIMIT');
}

/** As for a head that has no end. */
export function tooManyHeads(): Error {
  return withCode('Parse Error: Header overflow', 'HPE_HEADER_OVERFLOW');
}
