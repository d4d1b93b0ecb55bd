import net, { type Socket } from 'node:net';
import { type Listening, listenOnLoopback } from '../servers/listen.ts';

export interface LineServer extends Listening {
  /** All lines of all clients, in the order in which they came. */
  lines: string[];
  /** The clients so far, those that are gone included. */
  clients: Socket[];
  /** Answers the last line that was not answered. */
  answerLater(): void;
}

/** Answers `ping x` with `pong x`, `bye` with its end, and everything else when it is told to. */
export async function startLineServer(): Promise<LineServer> {
  const lines: string[] = [];
  const clients: Socket[] = [];
  const waiting: (() => void)[] = [];
  const server = net.createServer((socket) => {
    clients.push(socket);
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        if (line.startsWith('ping')) socket.write(`pong${line.slice(4)}\n`);
        else if (line === 'bye') socket.end();
        else waiting.push(() => socket.write(`later ${line}\n`));
      }
    });
  });
  const listening = await listenOnLoopback(server);
  return {
    ...listening,
    lines,
    clients,
    answerLater: () => waiting.pop()?.(),
  };
}
