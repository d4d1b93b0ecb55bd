import type { RequestHandler } from 'express';
import type { Parts } from '../parts.ts';
import { Html, html } from './html.ts';
import { alert, layout } from './layout.ts';

/** Whoever comes here without an application finds the way to one. */
export const showHome =
  ({ settings, extensions }: Parts): RequestHandler =>
  (_req, res) => {
    const content = html`
<p>You log in here for the applications of ${settings.name}.</p>
${settings.clients.map(
  ({ client_name, initiate_login_uri: uri }) =>
    uri !== undefined && html`<a class="button" href="${uri}">Log in to ${client_name}</a>`,
)}
${extensions.map(({ homeLink }) => homeLink && html`<p class="muted"><a href="${homeLink.href}">${homeLink.text}</a></p>`)}`;
    res.type('html').send(layout({ title: 'Your applications', brand: settings.name, content }));
  };

/** `form` is the provider's own, whose buttons stand outside of it. */
export const logoutPage = (brand: string, form: string): string =>
  layout({
    title: 'Log out?',
    brand,
    content: html`${new Html(form)}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button>
<button type="submit" form="op.logoutForm" class="secondary">Stay logged in</button>`,
  });

export const loggedOutPage = (brand: string): string =>
  layout({ title: 'You are logged out', brand, content: html`<p>You can close this page.</p>` });

/** Where a login ends that cannot go on. The home page leads to the applications: nobody is left here without a way on. */
export const failurePage = (brand: string, { code, message }: { code: string; message: string }): string =>
  layout({
    title: 'That did not work',
    brand,
    content: html`${alert(message)}<p class="muted">${code}</p><p><a href="/">Begin again</a></p>`,
  });
