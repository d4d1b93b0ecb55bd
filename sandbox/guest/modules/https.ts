import { stubs } from '../not-implemented.ts';
import { HttpsAgent } from './http-agent.ts';
import { readArguments } from './http-options.ts';
import { ClientRequest } from './http-request.ts';

function request(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  const read = readArguments(input, options, callback);
  return new ClientRequest({ agent: globalAgent, ...read.options }, 'https:', read.callback);
}

function get(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  return request(input, options, callback).end();
}

const globalAgent = new HttpsAgent({ keepAlive: true });

/** node:https, the client's half. */
export const https = {
  request,
  get,
  Agent: HttpsAgent,
  globalAgent,
  ...stubs('https', 'createServer Server'),
};
