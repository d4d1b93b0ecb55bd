import express, { type Express, type RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { accessLog } from './access-log.ts';
import { sendAnswer } from './answer.ts';
import type { AppParts } from './app-parts.ts';
import { authorize } from './authorize.ts';
import { callOf } from './call.ts';
import {
  changeEmail,
  changePassword,
  changePhoneNumber,
  changeUsername,
  deleteUser,
  verify,
} from './endpoints/change-user.ts';
import { listConnections, showConnection } from './endpoints/connections.ts';
import { create, signup } from './endpoints/create-user.ts';
import type { Endpoint, Responding } from './endpoints/endpoint.ts';
import { listEvents } from './endpoints/events.ts';
import { getUser } from './endpoints/get-user.ts';
import { login } from './endpoints/login.ts';
import { operations } from './endpoints/operations.ts';
import { passkeyReadiness } from './endpoints/passkey-readiness.ts';
import { listRecordings, showRecording } from './endpoints/recordings.ts';
import type { ScriptEndpoint } from './endpoints/script-endpoint.ts';
import { showShadow } from './endpoints/shadow.ts';
import { userHandle } from './endpoints/user-handle.ts';
import { handleError } from './handle-error.ts';
import { openApiDocument } from './openapi/document.ts';
import { createRefusalPace } from './pace-refusals.ts';
import { runScript } from './run-script.ts';

/** In the order of docs/http-api.md. */
export const scriptEndpoints: readonly ScriptEndpoint[] = [
  getUser,
  login,
  create,
  signup,
  verify,
  changePassword,
  changeEmail,
  changeUsername,
  changePhoneNumber,
  deleteUser,
];

const endpoints: readonly Endpoint[] = [
  userHandle,
  listConnections,
  showConnection,
  showShadow,
  passkeyReadiness,
  listRecordings,
  showRecording,
  listEvents,
];

const notFound: RequestHandler = (_req) => {
  throw new ServiceError('not_found', { detail: 'GET /openapi.json lists the paths there are' });
};

/** HTTP/1.1 wants it (RFC 9112 §3.2). */
const hostNeeded: RequestHandler = (req, _res, next) => {
  if (req.headers.host === undefined && req.httpVersion === '1.1') {
    throw new ServiceError('invalid_request', { detail: 'The request has no Host header' });
  }
  next();
};

/** The other methods of a path. */
const only =
  (method: 'get' | 'post'): RequestHandler =>
  (_req, res) => {
    const allowed = method === 'get' ? 'GET, HEAD' : 'POST';
    res.setHeader('Allow', allowed);
    throw new ServiceError('method_not_allowed', { detail: `The path takes ${allowed}` });
  };

const responding =
  <Parts>({ respond }: Responding<Parts>, parts: Parts): RequestHandler =>
  async (req, res) =>
    sendAnswer(res, await respond(parts, req, callOf(res)));

export function createApp(parts: AppParts): Express {
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('query parser', false)
    .set('case sensitive routing', true)
    .set('trust proxy', [...parts.trustedProxies]);

  const route = (method: 'get' | 'post', path: string, ...handlers: RequestHandler[]) =>
    app
      .route(path)
      [method](...handlers)
      .all(only(method));
  const { admit } = parts.draining;

  app.use(accessLog(parts));
  app.use(hostNeeded);

  // One for all endpoints: it is the connection that is slowed down.
  const pace = createRefusalPace();
  for (const endpoint of scriptEndpoints)
    route('post', endpoint.path, admit, authorize('execute', parts), runScript(endpoint, parts, pace));
  for (const endpoint of endpoints) {
    const { method, path, scope } = endpoint;
    route(method, path, admit, authorize(scope, parts), responding(endpoint, parts));
  }
  const openApi = openApiDocument({ scriptEndpoints, endpoints, operations }, parts.version);
  for (const endpoint of operations) route('get', endpoint.path, responding(endpoint, { ...parts, openApi }));

  app.use(notFound);
  app.use(handleError(parts));
  return app;
}
