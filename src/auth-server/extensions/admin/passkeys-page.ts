import type { DatabaseSync } from 'node:sqlite';
import { relyingPartyMistake } from '../../../passkeys/settings/relying-party.ts';
import type { Connection, ConnectionSettings } from '../../bridge/bridge-client.ts';
import { StepError } from '../../login/failures.ts';
import { type Html, html } from '../../pages/html.ts';
import { alert } from '../../pages/layout.ts';
import { originsOutside } from '../client-origins.ts';
import { type PanelVisit, showPanel } from './panel-page.ts';
import { effectiveSettings } from './panel-settings.ts';
import {
  type Draft,
  hostOf,
  lossesOf,
  mistakesOf,
  optionNames,
  optionsOf,
  panelSettingsOf,
  passkeys,
  readDraft,
} from './passkey-draft.ts';
import { prerequisites, whyNot } from './prerequisites.ts';
import { askReadiness, type Readiness } from './readiness.ts';

interface State {
  /** As its file has it. */
  connection: ConnectionSettings;
  problems: Connection['problems'];
  readiness: { report?: Readiness; problem?: string };
  /** What is in the way of saving. */
  obstacle: Html | undefined;
  saved: Draft;
}

async function look({ parts, panel, domains }: PanelVisit): Promise<State> {
  const [{ settings: connection, problems }, readiness] = await Promise.all([
    parts.bridge.connection(),
    askReadiness(parts.bridge),
  ]);
  const options = optionsOf(effectiveSettings(connection, panel.read()));
  const saved = { options, relyingParties: domains.map((domain) => domain.rpId()) };
  return { connection, problems, readiness, obstacle: whyNot(readiness), saved };
}

export async function showPasskeys(visit: PanelVisit): Promise<void> {
  const state = await look(visit);
  const said = visit.req.query.saved === '1' && html`<p class="good" role="status">Saved.</p>`;
  showPanel(visit, { title: 'Passkeys', content: page(visit, state, { draft: state.saved, said }) });
}

export async function savePasskeys(visit: PanelVisit): Promise<void> {
  const { parts, panel, domains, req, res, domain } = visit;
  const form = readDraft(req.body, domains);
  if (!form) throw new StepError('The form is not one of this page. Go back and reload the page.', 400);
  const state = await look(visit);
  const { draft, confirmed } = form;
  const refuse = (said: Html | false, toConfirm?: string) => {
    const content = page(visit, state, { draft, said, toConfirm });
    showPanel(visit, { title: 'Passkeys', status: 422, content });
  };
  if (state.obstacle) return refuse(alert('Nothing was saved.'));
  const mistakes = mistakesOf(draft, domains);
  if (mistakes.length > 0) return refuse(alert(`Nothing was saved. ${mistakes.join(' ')}`));
  const losses = lossesOf(draft, domains, countByRelyingParty(parts.database)).join(' ');
  if (losses !== '' && confirmed !== losses)
    return refuse(alert('Nothing was saved yet: confirm what happens to passkeys, then save again.'), losses);

  panel.save(panelSettingsOf(draft, state.connection, domains));
  parts.events.emit({
    type: 'sapi',
    connection: parts.settings.bridge.connection,
    ip: req.ip,
    user_agent: req.headers['user-agent'],
    hostname: domain.host,
    details: { changed: changesOf(state.saved, draft) },
  });
  res.redirect(303, '/admin/passkeys?saved=1');
}

function changesOf(before: Draft, after: Draft): string[] {
  const options = optionNames.filter((name) => before.options[name] !== after.options[name]);
  const isSame = before.relyingParties.every((id, index) => id === after.relyingParties[index]);
  return isSame ? options : [...options, 'relying_party_identifier'];
}

interface Filled {
  draft: Draft;
  said: Html | false;
  toConfirm?: string | undefined;
}

const uiNames = {
  both: 'In the identifier field, and a button',
  autofill: 'In the identifier field alone',
  button: 'A button alone',
} as const;

function page(visit: PanelVisit, state: State, { draft, said, toConfirm }: Filled): Html {
  const { obstacle, readiness, connection, problems } = state;
  const own = optionsOf(connection);
  const { passkeyOptions } = visit.panel.read();
  const from = (name: (typeof optionNames)[number], ofFile: string) =>
    passkeyOptions[name] !== undefined &&
    html`<p class="muted">Set in this panel. The connection's file says: ${ofFile}.</p>`;
  const box = (name: 'progressive_enrollment_enabled' | 'local_enrollment_enabled', label: string) => html`
<label class="choice"><input type="checkbox" name="${name}" ${draft.options[name] && html`checked`}> ${label}</label>
${from(name, own[name] ? 'on' : 'off')}`;

  return html`
${said}
${obstacle && html`<div class="alert" id="why-not">${obstacle}</div>`}
${
  problems.length > 0 &&
  html`<div class="alert">The connection's files have mistakes. What was served before them is served still, and what stands
below is about that.<ul>${problems.map(({ file, message }) => html`<li><code>${file}</code> ${message}</li>`)}</ul></div>`
}
<h2>Prerequisites of ${visit.parts.settings.bridge.connection}</h2>
${readiness.report ? prerequisites(readiness.report) : html`<p>They are not known.</p>`}
<form method="post" action="/admin/passkeys">
<fieldset>
<legend>How a passkey is asked for at login</legend>
${Object.entries(uiNames).map(
  ([value, label]) =>
    html`<label class="choice"><input type="radio" name="challenge_ui" value="${value}" ${draft.options.challenge_ui === value && html`checked`}> ${label}</label>`,
)}
${from('challenge_ui', uiNames[own.challenge_ui].toLowerCase())}
</fieldset>
<fieldset>
<legend>Who is offered a passkey</legend>
${box('progressive_enrollment_enabled', 'Users who have logged in with a password and have none')}
${box('local_enrollment_enabled', 'Users who have logged in with a passkey of another device')}
</fieldset>
<fieldset>
<legend>RP ID: the domain that passkeys are bound to</legend>
${visit.domains.map((_, index) => relyingParty(visit, index, draft.relyingParties[index]!))}
${counts(visit)}
</fieldset>
${
  toConfirm !== undefined &&
  html`<label class="choice alert"><input type="checkbox" name="confirmed" value="${toConfirm}" required> ${toConfirm} Their users log in another way and make new ones. I want that.</label>`
}
<button type="submit" ${obstacle && html`disabled aria-describedby="why-not"`}>Save</button>
</form>`;
}

function relyingParty({ parts, domains }: PanelVisit, index: number, id: string): Html {
  const domain = domains[index]!;
  const host = hostOf(domain);
  const outside =
    id === host || relyingPartyMistake(id, host) !== undefined
      ? []
      : parts.settings.clients.map((client) => ({ client, origins: originsOutside(id, client) }));
  return html`
<label for="rp_id_${index}">RP ID of ${domain.host}</label>
<input id="rp_id_${index}" name="rp_id" value="${id}" autocapitalize="none" spellcheck="false" autocomplete="off" aria-describedby="rp_id_${index}_about">
<p class="muted" id="rp_id_${index}_about">${host}, or a registrable domain above it. Empty: ${domain.ownRpId}.</p>
${domain.rpId() !== domain.ownRpId && html`<p class="muted">Set in this panel. The server's settings say: ${domain.ownRpId}.</p>`}
${outside
  .filter(({ origins }) => origins.length > 0)
  .map(
    ({ client, origins }) =>
      html`<p><strong>Warning:</strong> pages of ${client.client_name} at ${origins.join(', ')} cannot use passkeys of ${id}: they are not within it.</p>`,
  )}`;
}

/** How many passkeys were made for each RP ID. */
function countByRelyingParty(database: DatabaseSync): ReadonlyMap<string, number> {
  const rows = database.prepare('SELECT rp_id, count(*) AS n FROM passkeys GROUP BY rp_id').all();
  return new Map(rows.map(({ rp_id, n }) => [String(rp_id), Number(n)]));
}

/** How many there are, and those that no domain has any use for. */
function counts({ parts, domains }: PanelVisit): Html {
  const all = [...countByRelyingParty(parts.database)].sort(([one], [other]) => one.localeCompare(other));
  if (all.length === 0) return html`<p>There are no passkeys yet.</p>`;
  return html`<ul>${all.map(
    ([id, count]) =>
      html`<li>${passkeys(count)} of ${id}${
        !domains[0]!.inUse(id) &&
        html`, <strong>not usable</strong>: no domain has this RP ID any more. Usable again when one has.`
      }</li>`,
  )}</ul>`;
}
