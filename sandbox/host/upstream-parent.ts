import { createPushedBody } from './upstream-body.ts';
import type { Upstream, UpstreamRequest } from './upstream-contract.ts';

export interface ParentAnswer {
  status: number;
  statusText: string;
  /** Raw name, value, name, value. */
  headers: string[];
  body: Uint8Array;
}

/** Asks the parent process to make the request; rejects with an Error that has a code. `signal` calls it off. */
export type AskParent = (request: UpstreamRequest, signal: AbortSignal) => Promise<ParentAnswer>;

const wholeAlready = { pause() {}, resume() {}, abort() {} };

/** Has the parent process call upstreams, so that a test can intercept the requests there. */
export function createParentUpstream(ask: AskParent): Upstream {
  return {
    async request(request, signal) {
      const { status, statusText, headers, body: bytes } = await ask(request, signal);
      const body = createPushedBody(wholeAlready);
      if (bytes.byteLength > 0) body.push(bytes);
      body.end();
      return { status, statusText, headers, body };
    },
    close() {},
  };
}
