import type { ActionName } from '../../../sandbox/contract/actions.ts';

/** What answers the scripts' calls: as it is, every call with that status, or nothing at all. */
export const upstreams = ['as_written', 'status_503', 'status_500', 'refused'] as const;
export type Upstream = (typeof upstreams)[number];

/** How a run ended. What the testkit's `run` resolves with is one. */
export type RunOutcome = {
  /** Whether the callback was called again afterwards; left out where nobody listens for that. */
  lateCallback?: boolean;
} & (
  | { ok: true; result: unknown; durationMs: number }
  | {
      ok: false;
      /** One of docs/errors.md. */
      code: string;
      message: string;
      issues: readonly { path: string; code: string; message: string }[];
    }
);

/** A script that was seen running. */
export interface Observation {
  /** Which case it is, for whoever has to find it again: `the look-up of jane@example.com`. */
  name: string;
  action: ActionName;
  /** As the HTTP API takes it. */
  input: unknown;
  upstream: Upstream;
  outcome: RunOutcome;
  /** Where the case is written down: `acme/fixtures.yaml`, and its line, 1-based. */
  file?: string | undefined;
  line?: number | undefined;
  /** What is known of it beforehand. `absent`: nobody has this identifier; `present`: somebody has. */
  expected?: 'present' | 'absent' | undefined;
  /** Of create. `first`: nobody has the identifiers; `again`: the same user was created a moment ago. */
  signup?: 'first' | 'again' | undefined;
  /** Of a look-up by identifier: it is the one of the user that was created before. */
  afterCreate?: boolean | undefined;
}

type Profile = { user_id: string } & Record<string, unknown>;

/** The profile that came of it, if one did. */
export function profileOf({ outcome }: Observation): Profile | undefined {
  if (!outcome.ok) return undefined;
  const { user } = (outcome.result ?? {}) as { user?: Profile | null };
  return user ?? undefined;
}

/** Of a look-up: by what. */
export function lookedUp({ input }: Observation): { identifier?: string; user_id?: string } {
  return input as { identifier?: string; user_id?: string };
}

export function failureOf({ outcome }: Observation): string {
  return outcome.ok ? 'no error' : `${outcome.code} (${outcome.message})`;
}

/** It ended with an error that has a code of its own here, so that it is told once. */
export function isToldElsewhere({ outcome }: Observation): boolean {
  if (outcome.ok) return false;
  return ['user_id_mismatch', 'identifier_mismatch', 'invalid_profile'].includes(outcome.code);
}
