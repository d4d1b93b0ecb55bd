import type { z } from 'zod';
import type { Scope } from '../keys/api-key.ts';

/** What the user can put right; the message says how. */
export class CallServiceError extends Error {
  override readonly name = 'CallServiceError';
  /** The code of the problem that the service answered, where it answered one. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

export interface ServiceFlags {
  url: string;
}

export interface CallOptions {
  apiKey?: string | undefined;
  /** What an API key needs for the call. */
  scope?: Scope;
}

export const urlHelp = 'where the service listens; its API key comes from DRAWBRIDGE_API_KEY';
export const defaultUrl = 'http://127.0.0.1:3000';

const WITHIN_MS = 10_000;

/** Asks a service that runs. The answer is checked: it may be of another version, or of another service altogether. */
export async function callService<Answer>(
  path: string,
  schema: z.ZodType<Answer>,
  { url }: ServiceFlags,
  { apiKey = process.env.DRAWBRIDGE_API_KEY, scope = 'read:connections' }: CallOptions = {},
): Promise<Answer> {
  const target = targetOf(url, path);
  const headers = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
  const response = await fetch(target, {
    headers,
    // The key is for this service alone.
    redirect: 'error',
    signal: AbortSignal.timeout(WITHIN_MS),
  }).catch((error: Error & { cause?: { code?: string } }) => {
    const reason = error.cause?.code ?? error.name;
    throw new CallServiceError(
      `${target.origin} cannot be reached (${reason}); start it with "npx drawbridge serve", or say with --url where it listens`,
    );
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(response.status, body, scope, apiKey);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CallServiceError(`${target.origin} answered what no Drawbridge of this version does`);
}

function targetOf(url: string, path: string): URL {
  try {
    return new URL(path, url.endsWith('/') ? url : `${url}/`);
  } catch {
    throw new CallServiceError(`--url is ${JSON.stringify(url)}; it must be such as ${defaultUrl}`);
  }
}

function refusal(status: number, body: unknown, scope: Scope, apiKey: string | undefined): CallServiceError {
  const { code, detail, title } = (body ?? {}) as { code?: unknown; detail?: unknown; title?: unknown };
  const text = typeof detail === 'string' ? detail : title;
  const said = [typeof code === 'string' ? code : `status ${status}`, text].filter(
    (part) => typeof part === 'string',
  );
  const next =
    status === 401 || status === 403
      ? `. Put a key with the scope ${scope} into DRAWBRIDGE_API_KEY${apiKey ? '' : ', which is not set'}; make one with: npx drawbridge keys create --name ${scope.split(':').at(-1)} --scope ${scope}`
      : '';
  return new CallServiceError(
    `the service answers ${said.join(': ')}${next}`,
    typeof code === 'string' ? code : undefined,
  );
}
