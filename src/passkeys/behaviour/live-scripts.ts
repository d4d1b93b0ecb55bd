import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { ConnectionDefinition } from '../../../sandbox/contract/definition.ts';
import { ServiceError } from '../../errors.ts';
import type { RunOutcome } from './observation.ts';
import type { LiveScripts } from './observe-live.ts';

/** What is needed of a connection to run it; one of the connection store is such. */
interface RunnableConnection {
  version: string;
  scripts: Partial<Record<ActionName, unknown>>;
  definition: ConnectionDefinition;
}

interface LiveScriptsOptions<Connection extends RunnableConnection> {
  connection: Connection;
  /** Throws ServiceError. A runner's `run` is one. */
  run(
    connection: Connection,
    action: ActionName,
    input: object,
  ): Promise<{ result: unknown; execution: { durationMs: number } }>;
  /** Tells the sandbox that a version of the connection is not needed any more. */
  retire(name: string, version: string): void;
  /** Which scripts have called their callback again, where that is heard. */
  calledAgain?: (() => ReadonlySet<ActionName>) | undefined;
}

export interface OpenLiveScripts extends LiveScripts, Disposable {}

/** The scripts of a connection as a runner runs them, and as they are when nothing can be reached. */
export function openLiveScripts<Connection extends RunnableConnection>({
  connection,
  run,
  retire,
  calledAgain,
}: LiveScriptsOptions<Connection>): OpenLiveScripts {
  const unreachable = withoutNetwork(connection);
  const outcomeOf = async (of: Connection, action: ActionName, input: object): Promise<RunOutcome> => {
    try {
      const { result, execution } = await run(of, action, input);
      return { ok: true, result, durationMs: execution.durationMs };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { code, message, details } = error;
      return { ok: false, code, message, issues: details.issues ?? [] };
    }
  };
  return {
    has: (action) => connection.scripts[action] !== undefined,
    run: (action, input) => outcomeOf(connection, action, input),
    runUnreachable: (action, input) => outcomeOf(unreachable, action, input),
    ...(calledAgain ? { calledAgain } : {}),
    [Symbol.dispose]: () => retire(unreachable.definition.name, unreachable.version),
  };
}

/**
 * Another version of the connection, which may reach nothing: every call fails as one to a port that nobody listens
 * on. It has an isolate of its own, so that neither sockets nor answers that are kept help it.
 */
function withoutNetwork<Connection extends RunnableConnection>(connection: Connection): Connection {
  const version = `${connection.version}+unreachable`;
  const definition = { ...connection.definition, version, egress: { allow: [] } };
  return { ...connection, version, definition };
}
