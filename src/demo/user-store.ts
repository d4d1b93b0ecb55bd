import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { NewUser, UserChanges, type UserRecords, type WriteResult } from './user-records.ts';

/** What the store takes from its callers: `Bearer <token>`, or HTTP Basic with the two others. */
export interface StoreCredentials {
  token: string;
  username: string;
  password: string;
}

const Login = z.object({ identifier: z.string(), password: z.string() });
const IdentifierQuery = z.object({ identifier: z.string().min(1) });

/** The REST contract that the script templates call; their README describes it. */
export function createUserStore(records: UserRecords, credentials: StoreCredentials): Express {
  const store = express();
  store.disable('x-powered-by');
  store.disable('etag');
  store.use(requireCredentials(credentials));
  store.use(express.json({ limit: '100kb' }));

  store.post('/login', async (request, response) => {
    const { identifier, password } = Login.parse(request.body);
    const user = records.byIdentifier(identifier);
    if (user && (await records.passwordMatches(user.user_id, password))) response.json(user);
    // No WWW-Authenticate: the user's password was refused, the caller's credentials were not.
    else response.status(401).json(user ? { user_id: user.user_id } : {});
  });

  store.post('/users', async (request, response) => {
    answerWrite(response, await records.create(NewUser.parse(request.body)), 201);
  });

  store.get('/users', (request, response) => {
    const user = records.byIdentifier(IdentifierQuery.parse(request.query).identifier);
    if (user) response.json(user);
    else notFound(response);
  });

  store.patch('/users', async (request, response) => {
    const user = records.byIdentifier(IdentifierQuery.parse(request.query).identifier);
    if (user) answerWrite(response, await records.change(user.user_id, UserChanges.parse(request.body)), 200);
    else notFound(response);
  });

  store.get('/users/:userId', (request, response) => {
    const user = records.byId(request.params.userId);
    if (user) response.json(user);
    else notFound(response);
  });

  store.delete('/users/:userId', (request, response) => {
    if (records.remove(request.params.userId)) response.status(204).end();
    else notFound(response);
  });

  store.use((_request, response) => notFound(response));
  store.use(answerError);
  return store;
}

function notFound(response: Response): void {
  response.status(404).json({ error: 'not_found' });
}

function answerWrite(response: Response, result: WriteResult, status: number): void {
  if (result.ok) response.status(status).json(result.user);
  else if (result.reason === 'taken') response.status(409).json({ error: 'user_exists' });
  else notFound(response);
}

function requireCredentials({ token, username, password }: StoreCredentials): RequestHandler {
  const accepted = [`Bearer ${token}`, `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
  return (request, response, next) => {
    const given = request.headers.authorization ?? '';
    if (accepted.some((wanted) => equalInConstantTime(given, wanted))) return next();
    response
      .status(401)
      .set('WWW-Authenticate', 'Bearer, Basic realm="user store"')
      .json({ error: 'unauthorized' });
  };
}

function equalInConstantTime(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof z.ZodError) {
    response.status(400).json({ error: 'invalid_request', issues: z.flattenError(error) });
    return;
  }
  const status = typeof error.status === 'number' && error.status < 500 ? error.status : 500;
  response.status(status).json({ error: status === 500 ? 'internal_error' : 'invalid_request' });
};
