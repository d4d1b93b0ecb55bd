import type { Request, Response } from 'express';
import type { Domain } from '../../parts.ts';
import { SESSION_MS } from './admins.ts';

const name = 'drawbridge_admin';

/** The token of the panel's session, if the browser has one. */
export function sessionToken({ headers }: Request): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

const attributes = (res: Response) => ({
  httpOnly: true,
  sameSite: 'strict' as const,
  secure: (res.locals.domain as Domain).origin.startsWith('https:'),
  path: '/',
});

export const setSession = (res: Response, token: string): void =>
  void res.cookie(name, token, { ...attributes(res), maxAge: SESSION_MS });

export const clearSession = (res: Response): void => void res.clearCookie(name, attributes(res));
