import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Connection } from '../../connections/connection.ts';
import { judgeBehaviour } from '../../passkeys/behaviour/judge-behaviour.ts';
import { openLiveScripts } from '../../passkeys/behaviour/live-scripts.ts';
import { observeLive } from '../../passkeys/behaviour/observe-live.ts';
import type { SeenBehaviour } from '../../passkeys/check-readiness.ts';
import type { ActionInputs } from '../../scripts/actions.ts';
import { jsonAnswer } from '../answer.ts';
import type { AppParts } from '../app-parts.ts';
import { requireScope } from '../authorize.ts';
import { findConnection } from '../find-connection.ts';
import { clientSource } from '../login/client-source.ts';
import { protectedLogin } from '../login/protected-login.ts';
import { readJsonBody } from '../read-json-body.ts';
import { ReadinessAnswer, ReadinessRequest } from '../readiness-schemas.ts';
import { validateBody } from '../validate-body.ts';
import type { Endpoint } from './endpoint.ts';

/** A caller waits: no more look-ups for the sake of the time they take after that. */
const ENOUGH_MS = 10_000;
const BUDGET_MS = 1_000;

/** Runs scripts only with a test user, and only such as read. */
export const passkeyReadiness: Endpoint = {
  operationId: 'passkeyReadiness',
  method: 'post',
  path: '/v1/connections/:connection/passkey-readiness',
  scope: 'read:connections',
  summary: 'Say whether passkeys will work on a connection',
  body: { schema: ReadinessRequest, required: false },
  answer: ReadinessAnswer,
  async respond(parts, req, call) {
    const raw = hasBody(req) ? await readJsonBody(req) : {};
    const connection = findConnection(parts.store, req, call);
    const body = validateBody(ReadinessRequest, raw);
    const { test_user: user, budget_ms: budgetMs = BUDGET_MS } = body;
    let behaviour: SeenBehaviour | undefined;
    if (user) {
      requireScope(call.principal, 'execute');
      behaviour = await observe(parts, connection, { user, budgetMs, source: clientSource(req) });
    }
    return jsonAnswer(200, await parts.readiness(connection, behaviour));
  },
};

interface Asked {
  user: NonNullable<z.infer<typeof ReadinessRequest>['test_user']>;
  budgetMs: number;
  /** Whose logins are counted; see client-source.ts. */
  source: string | undefined;
}

async function observe(
  { runner, pool, logins }: Pick<AppParts, 'runner' | 'pool' | 'logins'>,
  connection: Connection,
  { user, budgetMs, source }: Asked,
): Promise<SeenBehaviour> {
  using scripts = openLiveScripts({
    connection,
    retire: pool.retire,
    run: (of, action, input) => {
      const run = () => runner.run(of, action, input as ActionInputs[typeof action]);
      if (action !== 'login') return run();
      return protectedLogin(logins, { connection, identifier: user.identifier, source }, run);
    },
  });
  const unknownIdentifier = `nobody-${randomBytes(6).toString('hex')}@example.com`;
  const users = { ...user, unknownIdentifier };
  const { observations, notes } = await observeLive(scripts, users, { enoughMs: ENOUGH_MS });
  return {
    verdicts: judgeBehaviour(observations, {
      from: 'api',
      budgetMs,
      signupDisabled: connection.options.disable_signup === true,
    }),
    notes,
  };
}

/** As RFC 9112 §6 tells it. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
