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
  let partial = '';
  let broken = false;

  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    if (broken) return;
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    if (partial.length > MAX_LINE)
      return fail(new RangeError(`A message is longer than ${MAX_LINE} characters`));
    for (const line of lines) {
      let message: In;
      try {
        message = options.parse(JSON.parse(line));
      } catch (error) {
        return fail(error);
      }
      options.onMessage(message);
    }
  });

  function fail(error: unknown): void {
    broken = true;
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
