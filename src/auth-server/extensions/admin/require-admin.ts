import type { Request, RequestHandler, Response } from 'express';
import { errorTable, ServiceError } from '../../../errors.ts';
import { refuseOtherSites } from '../../middleware.ts';
import type { Domain, Parts } from '../../parts.ts';
import type { Admins } from './admins.ts';
import { sessionToken } from './session-cookie.ts';

export const noPanel =
  'There is no panel, since no password is set for it. Set adminPassword, of 16 characters or more, and restart.';

/**
 * For calls of the operator: `Authorization: Bearer <adminPassword>`, or the panel's session. Everybody else gets problem
 * details and no further.
 */
export const requireAdmin =
  (parts: Pick<Parts, 'events'> & { admins: Admins | undefined }): RequestHandler =>
  (req, res, next) => {
    const { admins } = parts;
    try {
      if (!admins) throw new ServiceError('not_found', { detail: noPanel });
      const password = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
      const isAdmin = password === undefined ? bySession(req, res, admins) : admins.check(password, req.ip);
      if (!isAdmin && password !== undefined) tellWrongPassword(parts, req, res);
      if (!isAdmin)
        throw new ServiceError('unauthorized', { detail: 'Send Authorization: Bearer <adminPassword>' });
    } catch (error) {
      if (error instanceof ServiceError) return sendProblem(res, error);
      throw error;
    }
    next();
  };

function bySession(req: Request, res: Response, admins: Admins): boolean {
  refuseOtherSites(req, res.locals.domain as Domain);
  return admins.isOpen(sessionToken(req));
}

/** Somebody may be guessing. What is not looked at any more is not told: it would flood the log. */
export function tellWrongPassword({ events }: Pick<Parts, 'events'>, req: Request, res: Response): void {
  events.emit({
    type: 'f',
    ip: req.ip,
    user_agent: req.headers['user-agent'],
    hostname: (res.locals.domain as Domain).host,
    details: { error: { code: 'admin_password_wrong' } },
  });
}

/** RFC 9457, as the bridge has it. */
export function sendProblem(res: Response, { code, message, details }: ServiceError): void {
  const { status, title } = errorTable[code];
  if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="drawbridge"');
  if (details.retryAfterS !== undefined) res.setHeader('Retry-After', String(details.retryAfterS));
  const { issues } = details;
  const problem = { title, status, code, detail: message, ...(issues ? { issues } : {}) };
  res.status(status).type('application/problem+json').send(JSON.stringify(problem));
}
