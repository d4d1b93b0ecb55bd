import type { Request, Response } from 'express';
import { type Html, html } from '../../pages/html.ts';
import { layout } from '../../pages/layout.ts';
import type { Domain, Parts } from '../../parts.ts';
import type { PanelStore } from './panel-settings.ts';

/** One request of the operator, who has logged in to the panel. */
export interface PanelVisit {
  parts: Parts;
  panel: PanelStore;
  req: Request;
  res: Response;
  domain: Domain;
  domains: readonly Domain[];
}

export interface PanelPage {
  title: string;
  content: Html;
  status?: number;
}

const links = [
  ['/admin/passkeys', 'Passkeys'],
  ['/admin/events', 'Events'],
] as const;

export function showPanel(
  { parts, req, res }: PanelVisit,
  { title, content, status = 200 }: PanelPage,
): void {
  const nav = html`
<nav aria-label="Panel">
${links.map(([path, name]) => html`<a href="${path}" ${req.path === path && html`aria-current="page"`}>${name}</a> `)}
<form method="post" action="/admin/logout"><button type="submit" class="secondary">Log out</button></form>
</nav>`;
  const brand = `${parts.settings.name}, panel`;
  res
    .status(status)
    .type('html')
    .send(layout({ title, brand, content: html`${nav}${content}`, wide: true }));
}
