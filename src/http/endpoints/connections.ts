import type { Connection, LoadedScript, Problem, Warning } from '../../connections/connection.ts';
import { jsonAnswer } from '../answer.ts';
import { findConnection } from '../find-connection.ts';
import { ConnectionList, ConnectionSummary } from '../schemas.ts';
import type { Endpoint } from './endpoint.ts';

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

export const listConnections: Endpoint = {
  operationId: 'listConnections',
  method: 'get',
  path: '/v1/connections',
  scope: 'read:connections',
  summary: 'List the connections',
  answer: ConnectionList,
  respond({ store }) {
    const problems = store.problems();
    const list: ConnectionList = {
      connections: store.list().map((connection) => summaryOf(connection, problems)),
      problems: problems.map((problem) => ({ ...problemOf(problem), connection: problem.connection })),
    };
    return jsonAnswer(200, list);
  },
};

export const showConnection: Endpoint = {
  operationId: 'getConnection',
  method: 'get',
  path: '/v1/connections/:connection',
  scope: 'read:connections',
  summary: 'Show a connection',
  answer: ConnectionSummary,
  respond({ store }, req, call) {
    const connection = findConnection(store, req, call);
    return jsonAnswer(200, summaryOf(connection, store.problems()));
  },
};
