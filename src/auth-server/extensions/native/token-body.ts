import { Readable } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import type { Domain } from '../../parts.ts';
import { answerOf } from './native-error.ts';
import { readJson } from './read-body.ts';

/**
 * oidc-provider takes forms, as OAuth has it; applications written for Auth0 send JSON, too. What is no text in it is
 * handed on as JSON text, the way `authn_response` stands in a form.
 */
export const jsonAsForm: RequestHandler = async (req, res, next) => {
  if (!req.is('application/json')) return next();
  try {
    await readJson(req, res);
  } catch (error) {
    const answer = answerOf(error);
    if (!answer) throw error;
    res.status(answer.status).json(answer.body);
    return;
  }
  const fields = Object.entries(req.body as object).filter(([, value]) => value !== null);
  const form = new URLSearchParams(
    fields.map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const { provider } = res.locals.domain as Domain;
  await provider.callback()(withForm(req, form.toString()), res);
};

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
