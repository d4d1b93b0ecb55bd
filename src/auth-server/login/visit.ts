import type { RequestHandler } from 'express';
import { allowForms, refuseOtherSites } from '../middleware.ts';
import type { Domain, Parts, Step, Visit } from '../parts.ts';
import { connectionOf } from './connection.ts';
import { StepError } from './failures.ts';

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
    if (interaction.prompt.name === 'consent')
      return domain.provider.interactionFinished(req, res, { consent: {} });
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

export const expired =
  'This login is too old, or was ended elsewhere. Go back to the application and begin again.';
