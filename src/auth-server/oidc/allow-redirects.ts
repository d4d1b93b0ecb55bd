import type { ServerResponse } from 'node:http';
import type { ClientSettings } from '../settings.ts';

/** A form's answer leads back to the application by redirects, which `form-action` has to name. */
export function allowRedirects(res: ServerResponse, { redirect_uris }: ClientSettings): void {
  const origins = [...new Set(redirect_uris.map((uri) => new URL(uri)).map(sourceOf))];
  const policy = String(res.getHeader('content-security-policy'));
  res.setHeader(
    'content-security-policy',
    policy.replace("form-action 'self'", `form-action 'self' ${origins.join(' ')}`),
  );
}

const sourceOf = ({ protocol, origin }: URL) => (origin === 'null' ? protocol : origin);
