import { type Html, html } from '../../pages/html.ts';
import { type Finding, obstacles, type Readiness } from './readiness.ts';

const idOf = ({ code }: Finding) => `prerequisite-${code}`;

/** Why nothing can be saved, with links to what is to change; undefined where nothing is in the way. */
export function whyNot({ report, problem }: { report?: Readiness; problem?: string }): Html | undefined {
  if (!report)
    return html`Save is off: the bridge could not say whether the connection is ready (${problem}). Reload this page when it can.`;
  if (report.ready) return undefined;
  const links = new Map(
    obstacles(report).map((finding) => [
      finding.code,
      html`<li><a href="#${idOf(finding)}">${finding.title}</a></li>`,
    ]),
  );
  return html`Save is off until these prerequisites are met:<ul>${[...links.values()]}</ul>`;
}

/** What passkeys need of the connection: what is missing first, then what is there. */
export function prerequisites({ findings, checks }: Readiness): Html {
  const counted = findings.filter(({ ignored }) => ignored === undefined);
  const of = (wanted: Finding['severity']) => counted.filter(({ severity }) => severity === wanted);
  const met = checks.filter(({ status }) => status === 'passed');
  // Most checks of the source have no words for what is right: their names are those of faults.
  const absent = met.filter(({ detail }) => detail === undefined);
  const folded = (title: string, some: Readiness['checks']) =>
    some.length > 0 &&
    html`<details><summary>${title}: ${some.length}</summary><ul>
${some.map(({ name, detail }) => html`<li><code>${name}</code>${detail !== undefined && html`: ${detail}`}</li>`)}
</ul></details>`;
  return html`
<ul class="checks">
${of('error').map(found('✗', 'Not met'))}
${of('warning').map(found('!', 'Warning'))}
${met.map(({ detail }) => detail !== undefined && html`<li><span class="good"><span aria-hidden="true">✓</span> Met:</span> ${detail}</li>`)}
</ul>
${folded('Faults looked for in the scripts and not found', absent)}
${folded(
  'Not known',
  checks.filter(({ status }) => status === 'unknown'),
)}
${folded(
  'Ignored, with the reason',
  checks.filter(({ status }) => status === 'ignored'),
)}`;
}

const found =
  (sign: string, word: string) =>
  (finding: Finding, index: number, all: readonly Finding[]): Html => {
    const { code, title, message, fix, file, line } = finding;
    const isFirst = all.findIndex((other) => other.code === code) === index;
    const place = file === undefined ? undefined : line === undefined ? file : `${file}:${line}`;
    return html`<li ${isFirst && html`id="${idOf(finding)}"`}>
<strong class="bad"><span aria-hidden="true">${sign}</span> ${word}: ${title}</strong><br>
${place !== undefined && html`<code>${place}</code> `}${message}<br>
What to change: ${fix}</li>`;
  };
