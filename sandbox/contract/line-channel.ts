/**
 * Messages as lines of JSON over a duplex stream. What is sent within one turn of the event loop goes out in one
 * write; a line that is too long ends the channel.
 */
export interface LineChannel<Out> {
  send(message: Out): void;
}

export interface Duplex {
  write(text: string): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
}

export interface LineChannelOptions<In> {
  parse(value: unknown): In;
  onMessage(message: In): void;
  /** A line that is no message. What is left of the stream is not read. */
  onBroken(error: unknown): void;
  /** `setImmediate` or what comes near it: runs once the present turn is over. */
  soon(run: () => void): void;
}

const MAX_LINE = 64 * 1024 * 1024;

export function createLineChannel<In, Out>(
  stream: Duplex,
  options: LineChannelOptions<In>,
): LineChannel<Out> {
  let unsent = '';
  /** The pieces of the line that has begun. To join and search them at each would take quadratic time. */
  let pieces: string[] = [];
  let piecesLength = 0;
  let broken = false;

  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0 && !broken; end = text.indexOf('\n', from)) {
      begun(text.slice(from, end));
      from = end + 1;
      const line = pieces.join('');
      pieces = [];
      piecesLength = 0;
      receive(line);
    }
    if (!broken) begun(from === 0 ? text : text.slice(from));
  });

  function begun(piece: string): void {
    pieces.push(piece);
    piecesLength += piece.length;
    if (piecesLength > MAX_LINE) fail(new RangeError(`A message is longer than ${MAX_LINE} characters`));
  }

  function receive(line: string): void {
    if (broken) return;
    let message: In;
    try {
      message = options.parse(JSON.parse(line));
    } catch (error) {
      return fail(error);
    }
    options.onMessage(message);
  }

  function fail(error: unknown): void {
    broken = true;
    pieces = [];
    options.onBroken(error);
  }

  return {
    send(message) {
      if (unsent === '') options.soon(flush);
      unsent += `${JSON.stringify(message)}\n`;
    },
  };

  function flush(): void {
    const text = unsent;
    unsent = '';
    stream.write(text);
  }
}
