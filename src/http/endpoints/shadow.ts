import { ServiceError } from '../../errors.ts';
import { ShadowReport } from '../../shadow/shadow-report.ts';
import { jsonAnswer } from '../answer.ts';
import { findConnection } from '../find-connection.ts';
import type { Endpoint } from './endpoint.ts';

export const showShadow: Endpoint = {
  operationId: 'getShadowReport',
  method: 'get',
  path: '/v1/connections/:connection/shadow',
  scope: 'read:connections',
  summary: 'What a new version of the scripts answers otherwise',
  answer: ShadowReport,
  errors: ['not_found'],
  respond({ store, shadowReports }, req, call) {
    const connection = findConnection(store, req, call);
    const report = shadowReports.of(connection);
    if (!report) {
      throw new ServiceError('not_found', {
        detail: `The connection ${connection.name} has no options.shadow: no new version of its scripts is being compared`,
      });
    }
    return jsonAnswer(200, report);
  },
};
