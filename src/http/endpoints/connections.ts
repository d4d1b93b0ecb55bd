import type { RequestHandler } from 'express';
import type {
  Connection,
  ConnectionStore,
  LoadedScript,
  Problem,
  Warning,
} from '../../connections/connection.ts';
import { jsonAnswer, sendAnswer } from '../answer.ts';
import { callOf } from '../call.ts';
import { findConnection } from '../find-connection.ts';
import type { ConnectionList, ConnectionSummary } from '../schemas.ts';

// Each field is named, so that a field added to a connection later is not answered by accident.

const warningOf = ({ code, message, file, line }: Warning) => ({ code, message, file, line });

const problemOf = ({ file, path, message, keepsLastGood }: Problem) => ({
  file,
  path,
  message,
  keeps_last_good: keepsLastGood,
});

const mistakeOf = ({ message, file, line, column }: NonNullable<LoadedScript['problem']>) => ({
  message,
  file,
  line,
  column,
});

function scriptOf(script: LoadedScript) {
  const { file, sha256, bytes, arguments: form, helpers, problem, warnings } = script;
  return {
    file,
    sha256,
    bytes,
    arguments: form,
    ...(helpers ? { helpers: helpers.map((helper) => ({ file: helper.file, sha256: helper.sha256 })) } : {}),
    ...(problem ? { problem: mistakeOf(problem) } : {}),
    warnings: warnings.map(warningOf),
  };
}

function summaryOf(connection: Connection, problems: readonly Problem[]): ConnectionSummary {
  const { name, displayName, realms, version, options, configurationKeys, scripts, warnings } = connection;
  return {
    name,
    ...(displayName !== undefined ? { display_name: displayName } : {}),
    realms,
    version,
    settings: { ...options },
    configuration_keys: configurationKeys,
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([action, script]) => [action, scriptOf(script)]),
    ),
    warnings: warnings.map(warningOf),
    problems: problems.filter((problem) => problem.connection === name).map(problemOf),
  };
}

export function listConnections({ store }: { store: ConnectionStore }): RequestHandler {
  return (_req, res) => {
    const problems = store.problems();
    const list: ConnectionList = {
      connections: store.list().map((connection) => summaryOf(connection, problems)),
      problems: problems.map((problem) => ({ ...problemOf(problem), connection: problem.connection })),
    };
    sendAnswer(res, jsonAnswer(200, list));
  };
}

export function showConnection({ store }: { store: ConnectionStore }): RequestHandler {
  return (req, res) => {
    const connection = findConnection(store, String(req.params.connection));
    callOf(res).connection = connection.name;
    sendAnswer(res, jsonAnswer(200, summaryOf(connection, store.problems())));
  };
}
