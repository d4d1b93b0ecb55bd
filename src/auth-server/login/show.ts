import { type Html, html } from '../pages/html.ts';
import { alert, layout } from '../pages/layout.ts';
import type { Visit } from '../parts.ts';

export interface Shown {
  title: string;
  message?: string | undefined;
  content: Html;
}

/** Answers a page of a login; with a message it is the answer to something that failed. */
export function show({ parts, res }: Visit, { title, message, content }: Shown): void {
  res
    .status(message === undefined ? 200 : 422)
    .type('html')
    .send(layout({ title, brand: parts.settings.name, content: html`${alert(message)}${content}` }));
}
