import type { Response } from 'express';

/** A form's answer leads back to an application by redirects, and browsers want `form-action` to name where they end. */
export function allowForms(res: Response, targets: readonly string[]): void {
  const sources = [...new Set(targets.map((uri) => sourceOf(new URL(uri))))];
  const policy = String(res.getHeader('content-security-policy'));
  res.setHeader(
    'content-security-policy',
    policy.replace("form-action 'self'", ["form-action 'self'", ...sources].join(' ')),
  );
}

/** Applications on a phone have schemes of their own, and no origin. */
const sourceOf = ({ protocol, origin }: URL) => (origin === 'null' ? protocol : origin);
