import type { EgressPolicy } from './egress.ts';
import { createPushedBody } from './upstream-body.ts';
import { placeOf, type Upstream, type UpstreamRequest } from './upstream-contract.ts';

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

/**
 * Has the parent process call upstreams, so that a test can intercept the requests there. The connection's own lists
 * hold; the operator's does not: what is intercepted goes nowhere.
 */
export function createParentUpstream(ask: AskParent, policy: Pick<EgressPolicy, 'checkOwn'>): Upstream {
  return {
    async request(request, signal) {
      const { host, port } = placeOf(request.origin);
      policy.checkOwn(host, port);
      const { status, statusText, headers, body: bytes } = await ask(request, signal);
      const body = createPushedBody(wholeAlready);
      if (bytes.byteLength > 0) body.push(bytes);
      body.end();
      return { status, statusText, headers, body };
    },
    close() {},
  };
}
