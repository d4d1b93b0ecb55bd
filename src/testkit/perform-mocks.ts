import { setTimeout as sleep } from 'node:timers/promises';
import type { MockResponse } from '../fixtures/fixture-schema.ts';
import type { MadeCall } from '../fixtures/match-request.ts';
import type { MockExchange } from '../fixtures/mock-exchange.ts';
import type { PerformUpstream, UpstreamAnswer, UpstreamCall } from '../pool/upstream-requests.ts';

/** In place of what every mock would answer. */
export type AnswerOverride = { status: number } | { error: string };

interface PerformOptions {
  exchange: MockExchange;
  override?: AnswerOverride | undefined;
  /** Makes the calls that have no mock; without it they are refused. */
  goOut?: PerformUpstream | undefined;
}

/** Answers a script's HTTP calls by mocks. */
export function performByMocks({ exchange, override, goOut }: PerformOptions): PerformUpstream {
  return async (call, signal) => {
    const response = exchange.answer(madeCall(call));
    if (response) return answer(response, override, signal);
    if (goOut) return goOut(call, signal);
    const { origin } = new URL(call.url);
    throw failing('ECONNREFUSED', `connect ECONNREFUSED ${origin} (the case has no mock for this call)`);
  };
}

function madeCall({ method, url, headers, body }: UpstreamCall): MadeCall {
  const byName: Record<string, string> = {};
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase();
    byName[name] =
      byName[name] === undefined ? headers[index + 1]! : `${byName[name]}, ${headers[index + 1]}`;
  }
  return { method, url, headers: byName, body: Buffer.from(body).toString('utf8') };
}

async function answer(
  { status, headers = {}, json, body, delay_ms: delayMs, error }: MockResponse,
  override: AnswerOverride | undefined,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  if (override) {
    if ('error' in override) throw failing(override.error);
    return { status: override.status, statusText: '', headers: [], body: Buffer.alloc(0) };
  }
  if (delayMs !== undefined) await sleep(delayMs, undefined, { signal });
  if (error !== undefined) throw failing(error);
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const type =
    json !== undefined && !names.includes('content-type') ? ['content-type', 'application/json'] : [];
  return {
    status,
    statusText: '',
    headers: [...type, ...Object.entries(headers).flat()],
    body: Buffer.from(json === undefined ? (body ?? '') : JSON.stringify(json)),
  };
}

function failing(code: string, message = `${code} (as the mock says)`): Error {
  return Object.assign(new Error(message), { code });
}
