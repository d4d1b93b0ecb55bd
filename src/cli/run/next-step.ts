import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from '../../../sandbox/contract/exchange.ts';
import type { ErrorCode } from '../../errors.ts';
import { packageRoot } from '../../package-root.ts';
import type { ScriptRun } from './execute-script.ts';
import { missingVariables } from './missing-variables.ts';

type Call = Exclude<Exchange, { kind: 'more' }>;

/** What to do about a failure, in one line, by the calls that the script made. Holds no value of the configuration. */
export function nextStep(code: ErrorCode, run: ScriptRun): string {
  if (code === 'script_error' || code === 'script_timeout' || code === 'script_no_callback') {
    const [missing] = missingVariables(run.connection);
    if (missing) return missing.advice;
    const ofCall = run.exchanges
      .filter(isCall)
      .toReversed()
      .map((call) => adviceOn(call, run));
    const found = ofCall.find((advice) => advice !== undefined);
    if (found !== undefined) return found;
  }
  return ofRun[code] ?? ofPage(code);
}

/** Of codes for which docs/errors.md speaks of answers and logs of a service. */
const ofRun: Partial<Record<ErrorCode, string>> = {
  script_error: 'read the message and the line above, and mend the script, or what it depends on',
  script_invalid: 'put right the line and column that the message names',
  script_rejected: 'this is an answer: applications act on the script code, and show the message to the user',
  access_denied: 'this is an answer: applications show the message to the user',
  wrong_username_or_password: 'this is an answer: try another password, or another user',
  sandbox_crashed: 'run it again; where it happens again, take the script apart until the line is found',
  internal_error: 'this is a fault of Drawbridge: report it, with the message',
};

/** The last column of docs/errors.md for this code, without its links. */
function ofPage(code: ErrorCode): string {
  const page = readFileSync(join(packageRoot, 'docs/errors.md'), 'utf8');
  const row = page.split('\n').find((line) => line.startsWith(`| <a id="${code}"></a>`));
  const cell = row?.split(/(?<!\\)\|/).at(-2) ?? '';
  return cell
    .trim()
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '');
}

function isCall(exchange: Exchange): exchange is Call {
  return exchange.kind !== 'more';
}

/** Undefined where nothing is wrong with the call. */
function adviceOn(call: Call, run: ScriptRun): string | undefined {
  const place = run.mask(placeOf(call));
  if (call.blocked !== undefined) return adviceOnBlocked(call, place, run);
  if (call.error) return adviceOnError(call.error.code ?? '', place);
  if (call.unfinished)
    return `${place} had not answered yet: see what it is waiting for, and give the call a time limit`;
  const status = call.kind === 'http' ? (call.response?.status ?? 0) : 0;
  if (status === 401 || status === 403)
    return `the store answered ${status}: check the credentials in ${credentialsOf(call, run)}, and what they may do`;
  if (status === 429)
    return `the store answered 429: it limits how often it may be asked; wait, or ask its operator`;
  if (status >= 500) return `the store answered ${status}: the fault is on its side, look there (${place})`;
  return undefined;
}

function adviceOnBlocked(call: Call, place: string, run: ScriptRun): string {
  // The policy names the address where it may be opened at all.
  const entry = /\badd (\S+) to DRAWBRIDGE_EGRESS_ALLOW/.exec(call.blocked ?? '')?.[1];
  if (entry !== undefined)
    return `the egress policy refused ${place}; if scripts may reach it, add --egress-allow ${run.mask(entry)}`;
  return `the egress policy refused ${place}: ${run.mask(call.blocked ?? '')}`;
}

function adviceOnError(code: string, place: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `the store does not listen at ${place}: start it, or put the address right`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no address is known for ${place}: put the host name right`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${place} closed the connection: check the port, and whether it speaks TLS`;
    default:
      return `${place} could not be asked${code === '' ? '' : ` (${code})`}: check the address, and whether it answers this machine`;
  }
}

/** Host and port; the whole URL where it has none. */
function placeOf(call: Call): string {
  if (call.kind === 'socket') return `${call.host}:${call.port}`;
  if (!URL.canParse(call.url)) return call.url;
  const { protocol, hostname, port } = new URL(call.url);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** Keys whose values the request has, or that are named like credentials. */
function credentialsOf(call: Call, { connection }: ScriptRun): string {
  const { configuration } = connection.definition;
  const headers = call.kind === 'http' ? call.headers.join('\n') : '';
  const decoded = headers.replace(/Basic ([\w+/=]+)/gi, (_, text: string) =>
    Buffer.from(text, 'base64').toString(),
  );
  const sent = Object.keys(configuration).filter(
    (key) => (configuration[key]?.length ?? 0) >= 4 && decoded.includes(configuration[key]!),
  );
  const named = Object.keys(configuration).filter((key) => /token|secret|key|pass|user|client/i.test(key));
  const keys = sent.length > 0 ? sent : named;
  return keys.length > 0 ? keys.map((key) => `configuration.${key}`).join(', ') : 'the configuration';
}
