import { ServiceError } from '../../../errors.ts';
import { eventTypes } from '../../../events/event-types.ts';
import { readEventsQuery } from '../../../events/events-query.ts';
import type { LogEvent } from '../../../events/log-event.ts';
import { html } from '../../pages/html.ts';
import { alert } from '../../pages/layout.ts';
import { type PanelVisit, showPanel } from './panel-page.ts';

/** The newest 50 events, of one type or of all. */
export function showEvents(visit: PanelVisit): void {
  const { type, from } = visit.req.query;
  const search = new URLSearchParams();
  if (typeof type === 'string' && type !== '') search.set('type', type);
  if (typeof from === 'string' && from !== '') search.set('from', from);
  try {
    const { events, next } = visit.parts.events.page(readEventsQuery(search.toString()));
    if (next !== undefined) search.set('from', next);
    showPanel(visit, {
      title: 'Events',
      content: html`
${filter(search.get('type') ?? '')}
${events.length === 0 ? html`<p>There are none.</p>` : table(events)}
${next !== undefined && html`<p><a href="/admin/events?${search.toString()}">Older events</a></p>`}`,
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    showPanel(visit, { title: 'Events', status: 400, content: html`${alert(error.message)}${filter('')}` });
  }
}

const filter = (chosen: string) => html`
<form method="get" action="/admin/events">
<label for="type">Type</label>
<select id="type" name="type">
<option value="">All types</option>
${Object.entries(eventTypes).map(
  ([type, { description }]) =>
    html`<option value="${type}" ${type === chosen && html`selected`}>${type}: ${description}</option>`,
)}
</select>
<button type="submit" class="secondary">Show</button>
</form>`;

const table = (events: readonly LogEvent[]) => html`
<div class="scroll" role="region" aria-label="Events, newest first" tabindex="0">
<table>
<thead><tr><th scope="col">Time (UTC)</th><th scope="col">Type</th><th scope="col">What</th><th scope="col">Code</th><th scope="col">user_id</th></tr></thead>
<tbody>
${events.map(
  (event) => html`<tr>
<td><time datetime="${event.date}">${event.date.slice(0, 19).replace('T', ' ')}</time></td>
<td><code>${event.type}</code></td>
<td>${event.description}</td>
<td><code>${codeOf(event)}</code></td>
<td>${event.user_id}</td>
</tr>`,
)}
</tbody>
</table>
</div>`;

function codeOf({ details }: LogEvent): string | undefined {
  const error = details?.error as { code?: unknown } | undefined;
  return typeof error?.code === 'string' ? error.code : undefined;
}
