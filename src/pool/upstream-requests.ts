import type { FromHost, ToHost } from '../../sandbox/contract/messages.ts';
import type { UpstreamTls } from '../../sandbox/contract/upstream-tls.ts';

export interface UpstreamCall {
  /** Whose call it is: `exec_…`, with `.2` where it is the second script of a signup. */
  execution?: string | undefined;
  method: string;
  url: string;
  /** Raw name, value, name, value. */
  headers: string[];
  body: Uint8Array;
  /** What the script, or its agent, says of TLS. */
  tls?: UpstreamTls | undefined;
}

export interface UpstreamAnswer {
  status: number;
  statusText: string;
  headers: string[];
  body: Uint8Array;
}

/** Makes a script's HTTP call in this process; what it rejects with reaches the script by `code` and message. */
export type PerformUpstream = (call: UpstreamCall, signal: AbortSignal) => Promise<UpstreamAnswer>;

/** Answers the calls that a sandbox process asks its parent to make. */
export function answerUpstreamRequests(
  upstream: 'network' | { perform: PerformUpstream },
  send: (message: ToHost) => void,
) {
  const underWay = new Map<number, AbortController>();
  return {
    receive(message: Extract<FromHost, { type: 'upstream-request' | 'upstream-abort' }>): void {
      if (message.type === 'upstream-abort') {
        underWay.get(message.id)?.abort();
      } else if (upstream !== 'network') {
        void perform(upstream.perform, message);
      }
    },
    close(): void {
      for (const controller of underWay.values()) controller.abort();
    },
  };

  async function perform(
    performUpstream: PerformUpstream,
    { id, execution, method, url, headers, body, tls }: Extract<FromHost, { type: 'upstream-request' }>,
  ): Promise<void> {
    const controller = new AbortController();
    underWay.set(id, controller);
    try {
      const call = { execution, method, url, headers, body: Buffer.from(body, 'base64'), tls };
      const answer = await performUpstream(call, controller.signal);
      send({ type: 'upstream-answer', id, ...answer, body: Buffer.from(answer.body).toString('base64') });
    } catch (error) {
      const { code, message } = error as Error & { code?: unknown };
      send({ type: 'upstream-failed', id, code: typeof code === 'string' ? code : 'ECONNRESET', message });
    } finally {
      underWay.delete(id);
    }
  }
}
