import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What goes over the wire, as it is: no client's checks are in between. `whole`: the request ends by itself. */
export async function sendRaw(port: number, request: Buffer, whole = true): Promise<RawAnswer | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  if (whole) socket.write(request);
  else socket.end(request);
  await new Promise((resolve) => socket.once('close', resolve));
  return parseAnswer(Buffer.concat(chunks).toString('utf8'));
}

/** Undefined where the connection was closed without a word. */
function parseAnswer(text: string): RawAnswer | undefined {
  if (text === '') return undefined;
  // It may say first that it will read the body.
  const [head = '', ...rest] = text.replace('HTTP/1.1 100 Continue\r\n\r\n', '').split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [
    line.split(':')[0]!.toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  const named: Readonly<Record<string, string>> = Object.fromEntries(headers);
  // What follows it is the answer to what was taken for another request.
  const body = Buffer.from(rest.join('\r\n\r\n'))
    .subarray(0, Number(named['content-length'] ?? 0))
    .toString();
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]), headers: named, body };
}
