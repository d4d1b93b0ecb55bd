import { hash, randomBytes } from 'node:crypto';
import type { Connection } from '../../connections/connection.ts';
import { ServiceError } from '../../errors.ts';
import type { CodedAnswer } from '../idempotency.ts';
import {
  type Attempt,
  type AttemptEnd,
  type AttemptLimit,
  type AttemptLimitOptions,
  createAttemptLimit,
  TooManyAttempts,
} from './attempt-limit.ts';
import { createRefusalPace } from './refusal-pace.ts';

export interface LoginAttempt {
  connection: Connection;
  identifier: string;
  /** The end user's network, where it is known; see client-source.ts. */
  source: string | undefined;
}

/** What refuses a login, for logs and metrics. */
export type LoginLimit = 'identifier' | 'identifier_and_source' | 'source';

export interface LoginProtection {
  /** Runs a login unless there were too many that failed: throws too_many_attempts before anything is run. */
  attempt(attempt: LoginAttempt, run: () => Promise<CodedAnswer>): Promise<CodedAnswer>;
}

export interface LoginProtectionOptions {
  /** Failures in a row of one identifier; 0 for no limit. */
  attempts: number;
  /** Failures of one source, whoever's; 0 for no limit. */
  attemptsPerSource: number;
  windowS: number;
  /** How long one waits for those before it to end. */
  maxWaitMs?: number;
  /** Hears that from now on more are refused. */
  onReached?: (reached: { limit: LoginLimit; connection: string }) => void;
  onRefused?: (refused: { limit: LoginLimit }) => void;
}

/** Of one identifier from everywhere: what many sources together may, times what one may. */
const FROM_EVERYWHERE = 10;
const MAX_FAMILIAR = 50_000;

interface Check {
  name: LoginLimit;
  limit: AttemptLimit;
  key: string;
}

/** The spellings of an identifier that stores take for one: `Jane@Example.com ` and `jane@example.com`. */
const normalised = (identifier: string) => identifier.normalize('NFKC').trim().toLowerCase();

function endOf({ code }: CodedAnswer): AttemptEnd {
  if (code === undefined) return 'succeeded';
  return code === 'wrong_username_or_password' ? 'failed' : 'neutral';
}

/** The decision behind all of this is docs/decisions/0010-limits-of-logins.md. */
export function createLoginProtection(options: LoginProtectionOptions): LoginProtection {
  const {
    attempts,
    attemptsPerSource,
    windowS,
    maxWaitMs,
    onReached = () => {},
    onRefused = () => {},
  } = options;
  const create = (failures: number, more: Partial<AttemptLimitOptions> = {}) =>
    createAttemptLimit({
      failures,
      windowS,
      successResets: true,
      ...(maxWaitMs ? { maxWaitMs } : {}),
      ...more,
    });
  const perIdentifier = create(attempts);
  const perIdentifierAndSource = create(attempts);
  const fromEverywhere = create(attempts * FROM_EVERYWHERE);
  const perSource = create(attemptsPerSource, { successResets: false });
  const pace = createRefusalPace();
  const familiar = new Set<string>();

  // Hashed behind a secret of this process: a copy of the memory does not tell who failed to log in. An HMAC is for tags
  // that are shown to others, and takes ten times as long.
  const secret = randomBytes(32).toString('base64');
  const keyOf = (...parts: string[]) => hash('sha256', secret + JSON.stringify(parts), 'base64url');

  function checksOf({ connection, identifier, source }: LoginAttempt): Check[] {
    const checks: Check[] = [];
    const user = [connection.name, normalised(identifier)];
    if (attempts > 0 && connection.options.brute_force_protection !== false) {
      if (source === undefined) {
        checks.push({ name: 'identifier', limit: perIdentifier, key: keyOf(...user) });
      } else {
        const key = keyOf(...user, source);
        checks.push({ name: 'identifier_and_source', limit: perIdentifierAndSource, key });
        // Where the user has logged in from before, others' guesses do not lock them out.
        if (!familiar.has(key)) {
          checks.push({ name: 'identifier', limit: fromEverywhere, key: keyOf(...user) });
        }
      }
    }
    if (attemptsPerSource > 0 && source !== undefined) {
      checks.push({ name: 'source', limit: perSource, key: keyOf(source) });
    }
    return checks;
  }

  /** In one order always, so that no two attempts wait for each other. */
  async function begin(checks: readonly Check[]): Promise<Attempt[]> {
    const begun: Attempt[] = [];
    for (const { name, limit, key } of checks) {
      try {
        begun.push(await limit.begin(key));
      } catch (error) {
        await Promise.all(begun.map((attempt) => attempt.end('neutral')));
        if (!(error instanceof TooManyAttempts)) throw error;
        onRefused({ limit: name });
        throw new ServiceError('too_many_attempts', {
          detail:
            name === 'source'
              ? 'Too many logins from the same address have failed'
              : 'Too many logins of this user have failed',
          retryAfterS: error.retryAfterS,
        });
      }
    }
    return begun;
  }

  function becomesFamiliar(checks: readonly Check[]): void {
    const key = checks.find(({ name }) => name === 'identifier_and_source')?.key;
    if (key === undefined) return;
    familiar.delete(key);
    familiar.add(key);
    for (const oldest of familiar) {
      if (familiar.size <= MAX_FAMILIAR) return;
      familiar.delete(oldest);
    }
  }

  return {
    async attempt(attempt, run) {
      const { connection } = attempt;
      const checks = checksOf(attempt);
      const begun = await begin(checks);
      let as: AttemptEnd = 'neutral';
      let usual = false;
      const startedAt = performance.now();
      try {
        const answer = await run();
        as = endOf(answer);
        usual = !answer.coldStart;
        return answer;
      } finally {
        const ends = await Promise.all(begun.map((each) => each.end(as)));
        for (const [index, { name }] of checks.entries()) {
          if (ends[index]) onReached({ limit: name, connection: connection.name });
        }
        if (as === 'succeeded') becomesFamiliar(checks);
        await pace.keep(connection, as, { startedAt, usual });
      }
    },
  };
}
