import express, { type Express, type RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { accessLog } from './access-log.ts';
import type { AppParts } from './app-parts.ts';
import { authorize } from './authorize.ts';
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
import { listEvents } from './endpoints/events.ts';
import { getUser } from './endpoints/get-user.ts';
import { login } from './endpoints/login.ts';
import { document, liveness, prometheus, readiness } from './endpoints/operations.ts';
import { passkeyReadiness } from './endpoints/passkey-readiness.ts';
import { listRecordings, showRecording } from './endpoints/recordings.ts';
import type { ScriptEndpoint } from './endpoints/script-endpoint.ts';
import { showShadow } from './endpoints/shadow.ts';
import { userHandle } from './endpoints/user-handle.ts';
import { handleError } from './handle-error.ts';
import { openApiDocument } from './openapi.ts';
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
  (method: 'GET' | 'POST'): RequestHandler =>
  (_req, res) => {
    const allowed = method === 'GET' ? 'GET, HEAD' : method;
    res.setHeader('Allow', allowed);
    throw new ServiceError('method_not_allowed', { detail: `The path takes ${allowed}` });
  };

/** The route table, to be read from top to bottom. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('query parser', false)
    .set('case sensitive routing', true)
    .set('trust proxy', [...parts.trustedProxies]);

  const get = (path: string, ...handlers: RequestHandler[]) =>
    app
      .route(path)
      .get(...handlers)
      .all(only('GET'));
  const post = (path: string, ...handlers: RequestHandler[]) =>
    app
      .route(path)
      .post(...handlers)
      .all(only('POST'));
  const { admit } = parts.draining;
  const execute = authorize('execute', parts);
  const read = authorize('read:connections', parts);
  const readEvents = authorize('read:events', parts);
  const readRecordings = authorize('read:recordings', parts);

  app.use(accessLog(parts));
  app.use(hostNeeded);

  // One for all endpoints: it is the connection that is slowed down.
  const pace = createRefusalPace();
  for (const endpoint of scriptEndpoints)
    post(endpoint.path, admit, execute, runScript(endpoint, parts, pace));
  post('/v1/connections/:connection/user-handle', admit, execute, userHandle(parts));
  get('/v1/connections', admit, read, listConnections(parts));
  get('/v1/connections/:connection', admit, read, showConnection(parts));
  post('/v1/connections/:connection/passkey-readiness', admit, read, passkeyReadiness(parts));

  get('/v1/connections/:connection/shadow', admit, read, showShadow(parts));
  get('/v1/connections/:connection/recordings', admit, readRecordings, listRecordings(parts));
  get('/v1/connections/:connection/recordings/:execution', admit, readRecordings, showRecording(parts));

  get('/v1/events', admit, readEvents, listEvents(parts));

  get('/healthz', liveness);
  get('/readyz', readiness(parts));
  get('/metrics', prometheus(parts));
  get(
    '/openapi.json',
    document('application/json; charset=utf-8', openApiDocument(scriptEndpoints, parts.version)),
  );
  get('/docs/errors.md', document('text/markdown; charset=utf-8', parts.errorsPage));

  app.use(notFound);
  app.use(handleError(parts));
  return app;
}
