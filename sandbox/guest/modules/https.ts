import { stubs } from '../not-implemented.ts';
import { agentOf, HttpsAgent } from './http-agent.ts';
import { readArguments } from './http-options.ts';
import { ClientRequest } from './http-request.ts';

function request(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  const read = readArguments(input, options, callback);
  const agent = agentOf(read.options.agent, https.globalAgent);
  return new ClientRequest({ ...read.options, agent }, 'https:', read.callback);
}

function get(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  return request(input, options, callback).end();
}

/** node:https, the client's half. Scripts put a global agent of their own here. */
export const https = {
  request,
  get,
  Agent: HttpsAgent,
  globalAgent: new HttpsAgent({ keepAlive: true }),
  ...stubs('https', 'createServer Server'),
};
