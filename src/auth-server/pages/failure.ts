import { html } from './html.ts';
import { alert, layout } from './layout.ts';

export interface Failure {
  /** Of the company. */
  brand: string;
  code: string;
  message: string;
}

/** Where a login ends that cannot go on. The home page leads to the applications: nobody is left here without a way on. */
export const failurePage = ({ brand, code, message }: Failure): string =>
  layout({
    title: 'That did not work',
    brand,
    content: html`${alert(message)}<p class="muted">${code}</p><p><a href="/">Begin again</a></p>`,
  });
