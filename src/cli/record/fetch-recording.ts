import { z } from 'zod';
import { parseFixture } from '../../fixtures/parse-fixture.ts';
import type { RedactedFixture } from '../../fixtures/redact/recording.ts';
import { RunError, UsageError } from '../run/errors.ts';

const Recorded = z.looseObject({
  connection: z.string(),
  configuration: z.record(z.string(), z.string()),
  cases: z.tuple([z.looseObject({ name: z.string(), script: z.string() })]),
});
const ProblemBody = z.looseObject({
  code: z.string(),
  detail: z.string().optional(),
  title: z.string().optional(),
});

const WITHIN_MS = 30_000;

export interface RecordingPlace {
  /** Of the service: `http://127.0.0.1:3000`. */
  url: string;
  connection: string;
  execution: string;
  apiKey: string | undefined;
}

/** The recording of a failed execution that a service keeps. Throws UsageError and RunError, without the key. */
export async function fetchRecording({
  url,
  connection,
  execution,
  apiKey,
}: RecordingPlace): Promise<RedactedFixture> {
  if (!/^exec_[\w.-]{1,100}$/.test(execution)) {
    throw new UsageError(
      `--from-execution is ${JSON.stringify(execution)}; give the id of an execution, exec_…`,
    );
  }
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      `--url is ${JSON.stringify(url)}; give the address of the service, such as http://127.0.0.1:3000`,
    );
  }
  const path = `/v1/connections/${encodeURIComponent(connection)}/recordings/${execution}`;
  const address = `${url.replace(/\/+$/, '')}${path}`;
  const { status, body } = await get(address, apiKey);
  if (status !== 200) throw new RunError(refusal(status, body, apiKey));
  const parsed = Recorded.safeParse(body);
  const fixture = parsed.success ? parseFixture('the recording', JSON.stringify(parsed.data)) : undefined;
  if (!parsed.success || !fixture || 'mistakes' in fixture) {
    throw new RunError(`${address} answers no fixture; is the service of the same version as this command?`);
  }
  return parsed.data as unknown as RedactedFixture;
}

async function get(address: string, apiKey: string | undefined): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(address, {
      // The key is for this service alone.
      redirect: 'error',
      signal: AbortSignal.timeout(WITHIN_MS),
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new RunError(
      `${address} cannot be reached (${code ?? (error as Error).name}); is the service running there?`,
    );
  }
}

function refusal(status: number, body: unknown, apiKey: string | undefined): string {
  const problem = ProblemBody.safeParse(body);
  const said = problem.success
    ? `${problem.data.code}: ${problem.data.detail ?? problem.data.title ?? ''}`
    : `the status ${status}`;
  const next =
    status === 401 || status === 403
      ? `. Put a key with the scope read:recordings into DRAWBRIDGE_API_KEY${apiKey === undefined ? ', which is not set' : ''}; make one with: npx drawbridge keys create --name recordings --scope read:recordings`
      : '';
  return `the service answers ${said}${next}`;
}
