import { ServiceError } from '../../errors.ts';
import { jsonAnswer } from '../answer.ts';
import { findConnection } from '../find-connection.ts';
import { RecordedFixture, RecordingList } from '../schemas.ts';
import type { Endpoint } from './endpoint.ts';

export const listRecordings: Endpoint = {
  operationId: 'listRecordings',
  method: 'get',
  path: '/v1/connections/:connection/recordings',
  scope: 'read:recordings',
  summary: 'List the recorded failures of a connection',
  answer: RecordingList,
  respond({ store, recordings }, req, call) {
    const connection = findConnection(store, req, call);
    const list: RecordingList = {
      recording: connection.options.recording === true,
      recordings: recordings.list(connection.name).map(({ id, script, code, at, problem }) => ({
        id,
        script,
        code,
        at,
        ...(problem ? { problem } : {}),
      })),
    };
    return jsonAnswer(200, list);
  },
};

export const showRecording: Endpoint = {
  operationId: 'getRecording',
  method: 'get',
  path: '/v1/connections/:connection/recordings/:execution',
  scope: 'read:recordings',
  summary: 'The fixture of a recorded failure',
  answer: RecordedFixture,
  errors: ['recording_not_found'],
  respond({ store, recordings }, req, call) {
    const connection = findConnection(store, req, call);
    const found = recordings.get(connection.name, String(req.params.execution));
    if (found?.fixture) return jsonAnswer(200, found.fixture);
    throw new ServiceError('recording_not_found', {
      connection: connection.name,
      detail: whyNot(found?.problem, connection.options.recording === true),
    });
  },
};

function whyNot(problem: string | undefined, isOn: boolean): string {
  if (problem !== undefined) return `The execution could not be made a fixture: ${problem}`;
  if (!isOn) return 'The connection is not recorded: set options.recording to true';
  return 'There is no recording of this execution: it did not fail by its script, it is too long ago, or the service was started since';
}
