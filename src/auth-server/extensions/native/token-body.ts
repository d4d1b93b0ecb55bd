import { Readable } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import type { Domain } from '../../parts.ts';
import { answerOf, NativeError } from './native-error.ts';
import { readJson } from './read-body.ts';

/**
 * oidc-provider takes forms, as OAuth has it; applications written for Auth0 send JSON, too. What is no text in it is
 * handed on as JSON text, the way `authn_response` stands in a form.
 */
export const jsonAsForm: RequestHandler = async (req, res, next) => {
  if (!req.is('application/json')) return next();
  let form: string;
  try {
    await readJson(req, res);
    form = formOf(req.body);
  } catch (error) {
    const answer = answerOf(error);
    if (!answer) throw error;
    res.status(answer.status).json(answer.body);
    return;
  }
  const { provider } = res.locals.domain as Domain;
  await provider.callback()(withForm(req, form), res);
};

/** Throws NativeError. */
function formOf(body: object): string {
  const fields = Object.entries(body).filter(([, value]) => value !== null);
  return new URLSearchParams(
    fields.map(([name, value]): [string, string] => [name, textOf(value)]),
  ).toString();
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Some thousand levels can be read, and not be written again.
    if (!(error instanceof RangeError)) throw error;
    throw new NativeError(400, 'invalid_request', 'The body is nested too deep');
  }
}

/** The same request with a body that is yet to be read: oidc-provider reads it itself, and warns of one that was. */
function withForm(req: Request, form: string): Request {
  const body = Buffer.from(form);
  const unread = Readable.from([body], { objectMode: false });
  delete req.headers['transfer-encoding'];
  req.headers['content-type'] = 'application/x-www-form-urlencoded';
  req.headers['content-length'] = String(body.length);
  return Object.create(req, {
    readable: { value: true },
    iterator: { value: unread.iterator.bind(unread) },
  });
}
