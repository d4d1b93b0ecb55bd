import type { RequestHandler } from 'express';
import type { Parts } from '../parts.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';

/** Whoever comes here without an application finds the way to one. */
export const showHome =
  ({ settings, extensions }: Parts): RequestHandler =>
  (_req, res) => {
    const applications = settings.clients.filter(
      ({ initiate_login_uri }) => initiate_login_uri !== undefined,
    );
    const content = html`
<p>You log in here for the applications of ${settings.name}.</p>
${applications.map(
  ({ client_name, initiate_login_uri }) =>
    html`<a class="button" href="${initiate_login_uri}">Log in to ${client_name}</a>`,
)}
${extensions.map(({ homeLink }) => homeLink && html`<p class="muted"><a href="${homeLink.href}">${homeLink.text}</a></p>`)}`;
    res.type('html').send(layout({ title: 'Your applications', brand: settings.name, content }));
  };
