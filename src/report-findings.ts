import type { Connection, ConnectionStore, Problem, StoreChange, Warning } from './connections/connection.ts';
import type { Logger } from './log.ts';

/** What is wrong with a connection or worth knowing, as lines for people. */

function warningLine({ file, line, message }: Warning): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}

/** The directory itself is the file `.`, which says nothing to a person. */
function mistakeLine({ file, path, message }: Problem): string {
  return [file === '.' ? '' : file, path, message].filter((part) => part !== '').join(': ');
}

export function problemLine(problem: Problem): string {
  const line = mistakeLine(problem);
  return problem.keepsLastGood ? `${line} (the last good version is still served)` : line;
}

/** Of the connection and of its scripts; what makes a script unusable is among the store's problems. */
export function warningsOf(connection: Connection): string[] {
  const ofScripts = Object.values(connection.scripts).flatMap((script) => script.warnings);
  return [...connection.warnings, ...ofScripts].map(warningLine);
}

function logWarnings(logger: Logger, connection: Connection): void {
  for (const warning of warningsOf(connection)) logger.warn({ connection: connection.name }, warning);
}

/** What the store holds at the start. */
export function logStore(
  logger: Logger,
  store: ConnectionStore,
  passkeyWarnings: ReadonlyMap<string, string>,
): void {
  for (const problem of store.problems())
    logger.error({ connection: problem.connection }, problemLine(problem));
  for (const connection of store.list()) logWarnings(logger, connection);
  for (const [connection, warning] of passkeyWarnings) logger.warn({ connection }, warning);
}

export function logChange(logger: Logger, change: StoreChange): void {
  switch (change.kind) {
    case 'added':
    case 'changed':
      logger.info(
        { connection: change.connection.name },
        `connection ${change.connection.name} ${change.kind}`,
      );
      return logWarnings(logger, change.connection);
    case 'removed':
      return logger.info(
        { connection: change.connection.name },
        `connection ${change.connection.name} removed`,
      );
    case 'problem':
      return logger.error({ connection: change.problem.connection }, problemLine(change.problem));
    case 'solved':
      return logger.info({ connection: change.problem.connection }, `solved: ${mistakeLine(change.problem)}`);
    default:
      return change satisfies never;
  }
}
