import type { RequestHandler } from 'express';
import type { ConnectionStore } from '../../connections/connection.ts';
import { ServiceError } from '../../errors.ts';
import type { Recordings } from '../../runner/recordings.ts';
import { jsonAnswer, sendAnswer } from '../answer.ts';
import { callOf } from '../call.ts';
import { findConnection } from '../find-connection.ts';
import type { RecordingList } from '../schemas.ts';

interface Parts {
  store: ConnectionStore;
  recordings: Pick<Recordings, 'list' | 'get'>;
}

export function listRecordings({ store, recordings }: Parts): RequestHandler {
  return (req, res) => {
    const connection = findConnection(store, String(req.params.connection));
    callOf(res).connection = connection.name;
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
    sendAnswer(res, jsonAnswer(200, list));
  };
}

/** Throws recording_not_found with the reason. */
export function showRecording({ store, recordings }: Parts): RequestHandler {
  return (req, res) => {
    const connection = findConnection(store, String(req.params.connection));
    callOf(res).connection = connection.name;
    const found = recordings.get(connection.name, String(req.params.execution));
    if (found?.fixture) return sendAnswer(res, jsonAnswer(200, found.fixture));
    throw new ServiceError('recording_not_found', {
      connection: connection.name,
      detail: whyNot(found?.problem, connection.options.recording === true),
    });
  };
}

function whyNot(problem: string | undefined, isOn: boolean): string {
  if (problem !== undefined) return `The execution could not be made a fixture: ${problem}`;
  if (!isOn) return 'The connection is not recorded: set options.recording to true';
  return 'There is no recording of this execution: it did not fail by its script, it is too long ago, or the service was started since';
}
