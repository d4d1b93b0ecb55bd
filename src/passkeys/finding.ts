import type { ActionName } from '../../sandbox/contract/actions.ts';

/**
 * `error`: passkeys will not work, or will harm users. `warning`: they work, and something will hurt some day.
 * A finding that is ignored with a reason stays in the report and does not count.
 */
export type Severity = 'error' | 'warning';

/** What is always true of a code; docs/passkey-readiness.md has a section for each. */
export interface ReadinessCode {
  severity: Severity;
  /** What is wrong, in a few words: a heading. */
  title: string;
  /** What happens to users, or to whom it happens, when it stays. */
  why: string;
  /** The change to make. */
  fix: string;
}

/** One thing found in one place. `Code` is a key of the table that its family of checks has. */
export interface Finding<Code extends string = string> {
  code: Code;
  /** What is wrong here, naming names. Never holds a configuration value or a secret of the source. */
  message: string;
  script?: ActionName;
  /** As in stacks: `acme/get_user.js`; of settings, `acme/database.json`. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** Of settings: the place within the file, `options.passkey_options.challenge_ui`. */
  path?: string;
}
