import type { Connection, ConnectionStore, Problem, StoreChange, Warning } from './connections/connection.ts';
import type { Logger } from './log.ts';

/** What is wrong with a connection or worth knowing, as lines for people: `acme/login.js:3:9: …`. */

const at = (file: string | undefined, line?: number, column?: number) =>
  [file, line, column].filter((part) => part !== undefined).join(':');

export function warningLine(warning: Warning): string {
  const place = at(warning.file, warning.line);
  return place === '' ? warning.message : `${place}: ${warning.message}`;
}

export function problemLine({ file, path, message, keepsLastGood }: Problem): string {
  const what = path === '' ? `${file}: ${message}` : `${file}: ${path}: ${message}`;
  return keepsLastGood ? `${what} (the last good version is still served)` : what;
}

/** Scripts that cannot be run and warnings of the whole connection. */
export function findingsOf(connection: Connection): { problems: string[]; warnings: string[] } {
  const scripts = Object.values(connection.scripts);
  return {
    problems: scripts.flatMap(({ file, problem }) =>
      problem ? [`${at(file, problem.line, problem.column)}: ${problem.message}`] : [],
    ),
    warnings: [...connection.warnings, ...scripts.flatMap((script) => script.warnings)].map(warningLine),
  };
}

function logConnection(logger: Logger, connection: Connection): void {
  const fields = { connection: connection.name };
  const { problems, warnings } = findingsOf(connection);
  for (const problem of problems) logger.error(fields, problem);
  for (const warning of warnings) logger.warn(fields, warning);
}

/** What the store holds at the start. */
export function logStore(logger: Logger, store: ConnectionStore): void {
  for (const problem of store.problems())
    logger.error({ connection: problem.connection }, problemLine(problem));
  for (const connection of store.list()) logConnection(logger, connection);
}

export function logChange(logger: Logger, change: StoreChange): void {
  switch (change.kind) {
    case 'added':
    case 'changed':
      logger.info(
        { connection: change.connection.name },
        `connection ${change.connection.name} ${change.kind}`,
      );
      return logConnection(logger, change.connection);
    case 'removed':
      return logger.info(
        { connection: change.connection.name },
        `connection ${change.connection.name} removed`,
      );
    case 'problem':
      return logger.error({ connection: change.problem.connection }, problemLine(change.problem));
    case 'solved': {
      const { file, message } = change.problem;
      return logger.info({ connection: change.problem.connection }, `solved: ${file}: ${message}`);
    }
    default:
      return change satisfies never;
  }
}
