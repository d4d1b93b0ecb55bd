import type { Endpoint, PublicEndpoint } from '../endpoints/endpoint.ts';
import { pathParameters } from './path-parameters.ts';
import { problemResponses } from './problem-responses.ts';
import { content, type Json, type Schemas } from './schemas.ts';

export function pathItem(endpoint: Endpoint, schemas: Schemas): Json {
  const { operationId, method, path, summary, query, body, created, lines } = endpoint;
  const parameters = pathParameters(path);
  const { content: answer } = content(schemas.referTo(endpoint.answer));
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    [method]: {
      operationId,
      // Of /v1/connections, connections.
      tags: [path.split('/')[2]],
      summary,
      responses: {
        ...(created ? { 201: { description: created, content: answer } } : {}),
        200: {
          description: summary,
          content: {
            ...answer,
            ...(lines ? { 'application/x-ndjson': { schema: { type: 'string' } } } : {}),
          },
        },
        ...problemResponses(endpoint, schemas),
      },
      ...(body ? { requestBody: { required: body.required, ...content(schemas.input(body.schema)) } } : {}),
      ...(query ? { parameters: query } : {}),
    },
  };
}

export const publicPathItem = ({ operationId, summary, type }: PublicEndpoint): Json => ({
  get: {
    operationId,
    tags: ['operations'],
    summary,
    security: [],
    responses: { 200: { description: summary, ...content({}, type) } },
  },
});
