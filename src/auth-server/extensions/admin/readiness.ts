import { z } from 'zod';
import { type BridgeClient, BridgeError } from '../../bridge/bridge-client.ts';

/** What the panel reads of the bridge's report; docs/passkey-readiness.md has the whole. */
const Readiness = z.looseObject({
  ready: z.boolean(),
  findings: z.array(
    z.looseObject({
      code: z.string(),
      severity: z.enum(['error', 'warning']),
      title: z.string(),
      message: z.string(),
      fix: z.string(),
      file: z.string().optional(),
      line: z.number().optional(),
      ignored: z.string().optional(),
    }),
  ),
  checks: z.array(
    z.looseObject({
      name: z.string(),
      status: z.enum(['passed', 'failed', 'unknown', 'ignored']),
      detail: z.string().optional(),
    }),
  ),
});
export type Readiness = z.infer<typeof Readiness>;
export type Finding = Readiness['findings'][number];

/** The report, or the code of what kept the bridge from making it. */
export async function askReadiness(
  bridge: BridgeClient,
): Promise<{ report: Readiness; problem?: never } | { report?: never; problem: string }> {
  try {
    const parsed = Readiness.safeParse(await bridge.passkeyReadiness());
    return parsed.success ? { report: parsed.data } : { problem: 'bridge_answer_invalid' };
  } catch (error) {
    if (error instanceof BridgeError) return { problem: error.code };
    throw error;
  }
}

export const obstacles = ({ findings }: Readiness): Finding[] =>
  findings.filter(({ severity, ignored }) => severity === 'error' && ignored === undefined);
