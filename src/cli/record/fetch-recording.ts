import { z } from 'zod';
import { parseFixture } from '../../fixtures/parse-fixture.ts';
import type { RedactedFixture } from '../../fixtures/redact/recording.ts';
import { callService } from '../call-service.ts';
import { RunError, UsageError } from '../run/errors.ts';

const Recorded = z.looseObject({
  connection: z.string(),
  configuration: z.record(z.string(), z.string()),
  cases: z.tuple([z.looseObject({ name: z.string(), script: z.string() })]),
});

export interface RecordingPlace {
  /** Of the service: `http://127.0.0.1:3000`. */
  url: string;
  connection: string;
  execution: string;
  apiKey: string | undefined;
}

/** The recording of a failed execution that a service keeps. Throws UsageError, RunError and CallServiceError, without the key. */
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
  const path = `v1/connections/${encodeURIComponent(connection)}/recordings/${execution}`;
  const recorded = await callService(path, Recorded, { url }, { apiKey, scope: 'read:recordings' });
  const fixture = parseFixture('the recording', JSON.stringify(recorded));
  if ('mistakes' in fixture) {
    throw new RunError('the service answers no fixture; is it of the same version as this command?');
  }
  return recorded as unknown as RedactedFixture;
}
