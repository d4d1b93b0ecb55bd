import { Html, html } from './html.ts';
import { layout } from './layout.ts';

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
