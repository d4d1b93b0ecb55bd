import { Writable } from 'readable-stream';
import { stubs } from '../not-implemented.ts';
import { Agent, agentOf } from './http-agent.ts';
import { validateHeaderName, validateHeaderValue } from './http-headers.ts';
import { IncomingMessage } from './http-message.ts';
import { METHODS, STATUS_CODES } from './http-names.ts';
import { readArguments } from './http-options.ts';
import { ClientRequest } from './http-request.ts';

function request(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  const read = readArguments(input, options, callback);
  const agent = agentOf(read.options.agent, http.globalAgent);
  return new ClientRequest({ ...read.options, agent }, 'http:', read.callback);
}

function get(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  return request(input, options, callback).end();
}

/** node:http, the client's half. A script serves nobody: the server's half throws by name. */
export const http = {
  request,
  get,
  Agent,
  globalAgent: new Agent({ keepAlive: true }),
  ClientRequest,
  IncomingMessage,
  OutgoingMessage: Writable,
  METHODS,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
  maxHeaderSize: 16384,
  ...stubs('http', 'createServer Server ServerResponse'),
};
