import type { RequestHandler } from 'express';
import { readJson } from './native-call.ts';
import { answerOf } from './native-error.ts';

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
  req.body = Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  req.headers['content-type'] = 'application/x-www-form-urlencoded';
  next();
};
