import { badUpstreamCall, type Call, hostileCall, steadyCall } from './calls.ts';
import { createHttpSocket, type HttpSocket } from './http-socket.ts';
import { createRandom, type Random } from './random.ts';

/** One request and what came of it. */
export interface Exchange {
  call: Call;
  sentAt: number;
  tookMs: number;
  /** `ok`, the code of the error, or why there is none: `no answer`, `no problem details`. */
  code: string;
  user?: { user_id?: unknown; email?: unknown };
}

export interface TrafficOptions {
  port: number;
  apiKey: string;
  seed: number;
  lengthMs: number;
  /** After this long a socket is given up. */
  giveUpMs: number;
  onExchange(exchange: Exchange): void;
}

export const steadySockets = 50;
const badUpstreamSockets = 8;
const hostileSockets = 4;

/** Keeps all sockets busy until the time is over. Answers how many bytes came that nobody had asked for. */
export async function runTraffic(options: TrafficOptions): Promise<{ unaskedBytes: number }> {
  const until = performance.now() + options.lengthMs;
  const sockets: HttpSocket[] = [];
  let names = 0;

  function open(): HttpSocket {
    const socket = createHttpSocket(options.port);
    sockets.push(socket);
    return socket;
  }

  async function send(socket: HttpSocket, call: Call): Promise<void> {
    const sentAt = performance.now();
    const headers = { Authorization: `Bearer ${options.apiKey}`, ...call.headers };
    const path = `/v1/connections/${call.connection}/${call.action}`;
    const answer = await socket.post(path, call.body, headers, options.giveUpMs);
    const tookMs = performance.now() - sentAt;
    const { code, user } = answer ? read(answer.status, answer.body) : { code: 'no answer', user: undefined };
    options.onExchange({ call, sentAt, tookMs, code, ...(user ? { user } : {}) });
  }

  async function keepBusy(
    seed: number,
    next: (random: Random) => Call,
    pauseMs: [number, number],
  ): Promise<void> {
    const random = createRandom(seed);
    const socket = open();
    const second = open();
    while (performance.now() < until) {
      const call = next(random);
      const first = send(socket, call);
      if (call.repeat === 'at-once') await Promise.all([first, send(second, call)]);
      else await first;
      if (call.repeat === 'after') await send(socket, call);
      await new Promise((resolve) => setTimeout(resolve, random.between(...pauseMs)));
    }
  }

  const range = (count: number) => Array.from({ length: count }, (_, index) => options.seed + index);
  await Promise.all([
    ...range(steadySockets).map((seed) =>
      keepBusy(seed, (random) => steadyCall(random, `new-${options.seed}-${names++}`), [100, 300]),
    ),
    ...range(badUpstreamSockets).map((seed) => keepBusy(seed, badUpstreamCall, [50, 400])),
    ...range(hostileSockets).map((seed) => keepBusy(seed, hostileCall, [200, 1_500])),
  ]);
  for (const socket of sockets) socket.close();
  return { unaskedBytes: sockets.reduce((sum, socket) => sum + socket.unasked(), 0) };
}

function read(status: number, body: string): { code: string; user?: Exchange['user'] | undefined } {
  try {
    const parsed = JSON.parse(body) as { code?: string; user?: Exchange['user'] };
    if (status < 300) return { code: 'ok', user: parsed.user };
    return { code: parsed.code ?? 'no problem details' };
  } catch {
    return { code: 'no problem details' };
  }
}
