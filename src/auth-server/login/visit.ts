import type { Request, RequestHandler, Response } from 'express';
import type { ConnectionSettings } from '../bridge/bridge-client.ts';
import type { Domain } from '../domain.ts';
import { allowRedirects } from '../oidc/allow-redirects.ts';
import type { Parts } from '../parts.ts';
import type { ClientSettings } from '../settings.ts';
import type { Login } from './logins.ts';

/** One request of a login under way. */
export interface Visit {
  parts: Parts;
  domain: Domain;
  req: Request;
  res: Response;
  /** The application that the user logs in to. */
  client: ClientSettings;
  /** What it asked for. */
  params: Readonly<Record<string, unknown>>;
  login: Login;
  connection: ConnectionSettings;
  /** `/login/<uid>`, which its pages are under. */
  path: string;
}

export type Step = (visit: Visit) => Promise<void> | void;

/** The interaction's cookie says whose login it is. A post from another site is none of it. */
export function step(parts: Parts, take: Step): RequestHandler {
  return async (req, res) => {
    const domain = res.locals.domain as Domain;
    if (req.method === 'POST' && req.headers.origin !== undefined && req.headers.origin !== domain.origin) {
      throw new StepError('The form was sent from another site.', 403);
    }
    const interaction = await domain.provider.interactionDetails(req, res);
    if (interaction.uid !== req.params.uid) throw new StepError(expired, 400);
    const { params } = interaction;
    const client = parts.settings.clients.find(({ client_id }) => client_id === params.client_id);
    if (!client) throw new StepError(expired, 400);
    const login = parts.logins.of(interaction.uid);
    const connection = await parts.bridge.connectionSettings();
    allowRedirects(res, client);
    await take({
      parts,
      domain,
      req,
      res,
      client,
      params,
      login,
      connection,
      path: `/login/${interaction.uid}`,
    });
  };
}

export const expired =
  'This login is too old, or was ended elsewhere. Go back to the application and begin again.';

/** What a person can do something about; the message goes on a page. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly status: number;
  readonly code: string | undefined;
  constructor(message: string, status: number, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
