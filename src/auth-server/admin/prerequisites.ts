import { type Html, html } from '../pages/html.ts';
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
  const rest = checks.filter(({ status }) => status === 'unknown' || status === 'ignored');
  const met = checks.filter(({ status }) => status === 'passed');
  return html`
<ul class="checks">
${of('error').map(found('✗', 'Not met'))}
${of('warning').map(found('!', 'Warning'))}
${met.map(({ name, detail }) => html`<li><span class="good"><span aria-hidden="true">✓</span> Met:</span> ${detail ?? name}</li>`)}
</ul>
${
  rest.length > 0 &&
  html`<details><summary>${rest.length} more are not known or ignored</summary><ul class="checks">
${rest.map(({ name, status, detail }) => html`<li><span aria-hidden="true">${status === 'unknown' ? '?' : '-'}</span> ${status === 'unknown' ? 'Not known' : 'Ignored'}: <code>${name}</code>${detail !== undefined && html`, ${detail}`}</li>`)}
</ul></details>`
}`;
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
