import type { Request, RequestHandler } from 'express';
import type { ConnectionSettings } from '../bridge/bridge-client.ts';
import type { Domain } from '../domain.ts';
import { allowForms } from '../pages/allow-forms.ts';
import type { Parts, Step, Visit } from '../parts.ts';
import { StepError } from './step-error.ts';

/** The interaction's cookie says whose login it is. A post from another site is none of it. */
export function step(parts: Parts, take: Step): RequestHandler {
  return async (req, res) => {
    const domain = res.locals.domain as Domain;
    refuseOtherSites(req, domain);
    const interaction = await domain.provider.interactionDetails(req, res);
    if (interaction.uid !== req.params.uid) throw new StepError(expired, 400, 'login_expired');
    // A form that was sent twice: its first sending ended the login, and the browser waits for this answer.
    if (interaction.result && req.accepts('html')) return res.redirect(303, interaction.returnTo);
    // The applications are the operator's own: there is nothing to ask the user for.
    if (interaction.prompt.name === 'consent') {
      return domain.provider.interactionFinished(req, res, { consent: {} });
    }
    const { params } = interaction;
    const client = parts.settings.clients.find(({ client_id }) => client_id === params.client_id);
    if (!client) throw new StepError(expired, 400, 'login_expired');
    const connection = await connectionOf(parts);
    // After the wait: a login that was ended meanwhile has begun anew.
    const login = parts.logins.of(interaction.uid);
    allowForms(res, client.redirect_uris);
    const path = `/login/${interaction.uid}`;
    const visit: Visit = { parts, domain, req, res, client, params, login, connection, path };
    for (const extension of parts.extensions) {
      const first = await extension.beforeStep?.(visit);
      if (first !== undefined) return res.redirect(303, path + first);
    }
    await take(visit);
  };
}

/** The connection as its file has it, and extensions over it. Throws BridgeError. */
export async function connectionOf({ bridge, extensions }: Parts): Promise<ConnectionSettings> {
  const settings = await bridge.connectionSettings();
  return extensions.reduce((all, { connectionSettings }) => connectionSettings?.(all) ?? all, settings);
}

/** Throws StepError. Browsers say where a post comes from; what says nothing is none. */
export function refuseOtherSites({ method, headers }: Request, domain: Domain): void {
  if (method === 'POST' && headers.origin !== undefined && headers.origin !== domain.origin)
    throw new StepError('The form was sent from another site.', 403, 'cross_site_post');
}

export const expired =
  'This login is too old, or was ended elsewhere. Go back to the application and begin again.';
