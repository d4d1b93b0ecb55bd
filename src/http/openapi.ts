import { z } from 'zod';
import { type ErrorCode, errorTable } from '../errors.ts';
import { EventList } from '../events/answer-events.ts';
import { eventsParameters } from '../events/events-query.ts';
import { ShadowReport } from '../shadow/shadow-report.ts';
import type { ScriptEndpoint } from './endpoints/script-endpoint.ts';
import { ReadinessAnswer, ReadinessRequest } from './readiness-schemas.ts';
import {
  ConnectionList,
  ConnectionSummary,
  Execution,
  Problem,
  RecordedFixture,
  RecordingList,
} from './schemas.ts';
import { UserHandleAnswer, UserHandleRequest } from './user-handle-schemas.ts';

/** Codes that any script endpoint can answer. */
const anyScript: readonly ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'access_denied',
  'connection_not_found',
  'script_not_found',
  'payload_too_large',
  'unsupported_media_type',
  'script_rejected',
  'script_invalid',
  'internal_error',
  'script_error',
  'script_no_callback',
  'script_out_of_memory',
  'result_too_large',
  'overloaded',
  'connection_quarantined',
  'sandbox_crashed',
  'script_timeout',
];

type Json = Record<string, unknown>;

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    // z.custom() has no JSON Schema; nothing on the wire is made of it.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // An answer may get fields later; a client made from this document must not refuse them.
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as Json;
  return rest;
}

/** zod puts what has an id under $defs of each schema; OpenAPI has one place for all of them. */
function hoist(schema: Json, components: Json): Json {
  const { $defs = {}, ...rest } = schema as { $defs?: Json };
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== 'id' || typeof (value as Json).id !== 'string')
        .map(([key, inner]) => [
          key,
          key === '$ref' && typeof inner === 'string'
            ? inner.replace('#/$defs/', '#/components/schemas/')
            : rewrite(inner),
        ]),
    );
  };
  for (const [id, inner] of Object.entries($defs)) components[id] ??= rewrite(inner);
  return rewrite(rest) as Json;
}

const content = (type: string, schema: Json) => ({ content: { [type]: { schema } } });

function problemResponses(codes: readonly ErrorCode[], problem: Json): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([one], [other]) => one - other)
      .map(([status, all]) => [
        String(status),
        { description: all.join(', '), ...content('application/problem+json', problem) },
      ]),
  );
}

const connectionParameter = {
  name: 'connection',
  in: 'path',
  required: true,
  description: "The connection's name",
  schema: { type: 'string' },
};

const executionParameter = {
  name: 'execution',
  in: 'path',
  required: true,
  description: 'The id of the execution',
  schema: { type: 'string' },
};

const idempotencyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key and body within 24 h returns the first answer and runs nothing.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const executionHeaders = {
  'X-Execution-Id': { schema: { type: 'string' } },
  'Server-Timing': { description: 'queue, sandbox, script, upstream', schema: { type: 'string' } },
};

function scriptOperation(endpoint: ScriptEndpoint, components: Json, problem: Json): Json {
  const success: Json = {
    description: endpoint.status === 204 ? 'Done' : endpoint.summary,
    headers: executionHeaders,
  };
  if (endpoint.answer) {
    const answer = z.object({ ...endpoint.answer, execution: Execution });
    Object.assign(success, content('application/json', hoist(jsonSchemaOf(answer, 'output'), components)));
  }
  return {
    operationId: endpoint.operationId,
    tags: ['scripts'],
    summary: endpoint.summary,
    ...(endpoint.description ? { description: endpoint.description } : {}),
    parameters: endpoint.idempotent ? [connectionParameter, idempotencyParameter] : [connectionParameter],
    requestBody: {
      required: true,
      ...content('application/json', hoist(jsonSchemaOf(endpoint.body, 'input'), components)),
    },
    responses: {
      [String(endpoint.status)]: success,
      ...problemResponses([...anyScript, ...endpoint.errors], problem),
    },
  };
}

const plain = (operationId: string, summary: string, type: string): Json => ({
  get: {
    operationId,
    tags: ['operations'],
    summary,
    security: [],
    responses: { '200': { description: summary, ...content(type, {}) } },
  },
});

/** The OpenAPI 3.1 document as JSON text, made of the schemas that check the requests. */
export function openApiDocument(endpoints: readonly ScriptEndpoint[], version: string): string {
  const components: Json = {};
  const schema = (of: z.ZodType) => hoist(jsonSchemaOf(z.object({ of }), 'output'), components);
  const referTo = (of: z.ZodType) => (schema(of).properties as { of: Json }).of;
  const problem = referTo(Problem);
  const readErrors = ['unauthorized', 'forbidden', 'internal_error', 'overloaded'] as const;
  const reading = (
    operationId: string,
    summary: string,
    of: z.ZodType,
    codes: readonly ErrorCode[],
  ): Json => ({
    operationId,
    tags: ['connections'],
    summary,
    responses: {
      '200': { description: summary, ...content('application/json', referTo(of)) },
      ...problemResponses(codes, problem),
    },
  });

  const paths: Json = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path.replace(':connection', '{connection}')] = {
      post: scriptOperation(endpoint, components, problem),
    };
  }
  const userHandle = reading('userHandle', 'Give, find or bind a WebAuthn user handle', UserHandleAnswer, [
    ...readErrors,
    'invalid_request',
    'connection_not_found',
    'user_handle_not_found',
    'user_handle_taken',
    'user_handles_off',
    'payload_too_large',
    'unsupported_media_type',
  ]);
  paths['/v1/connections/{connection}/user-handle'] = {
    parameters: [connectionParameter],
    post: {
      ...userHandle,
      requestBody: {
        required: true,
        ...content('application/json', hoist(jsonSchemaOf(UserHandleRequest, 'input'), components)),
      },
      responses: {
        '201': {
          description: 'A new user handle, bound to nobody',
          ...content('application/json', referTo(UserHandleAnswer)),
        },
        ...(userHandle.responses as Json),
      },
    },
  };
  paths['/v1/connections'] = {
    get: reading('listConnections', 'List the connections', ConnectionList, readErrors),
  };
  paths['/v1/connections/{connection}'] = {
    parameters: [connectionParameter],
    get: reading('getConnection', 'Show a connection', ConnectionSummary, [
      ...readErrors,
      'connection_not_found',
    ]),
  };
  paths['/v1/connections/{connection}/shadow'] = {
    parameters: [connectionParameter],
    get: reading('getShadowReport', 'What a new version of the scripts answers otherwise', ShadowReport, [
      ...readErrors,
      'connection_not_found',
      'not_found',
    ]),
  };
  paths['/v1/connections/{connection}/passkey-readiness'] = {
    parameters: [connectionParameter],
    post: {
      ...reading('passkeyReadiness', 'Say whether passkeys will work on a connection', ReadinessAnswer, [
        ...readErrors,
        'invalid_request',
        'connection_not_found',
        'payload_too_large',
        'unsupported_media_type',
      ]),
      requestBody: {
        required: false,
        ...content('application/json', hoist(jsonSchemaOf(ReadinessRequest, 'input'), components)),
      },
    },
  };
  paths['/v1/connections/{connection}/recordings'] = {
    parameters: [connectionParameter],
    get: reading('listRecordings', 'List the recorded failures of a connection', RecordingList, [
      ...readErrors,
      'connection_not_found',
    ]),
  };
  paths['/v1/connections/{connection}/recordings/{execution}'] = {
    parameters: [connectionParameter, executionParameter],
    get: reading('getRecording', 'The fixture of a recorded failure', RecordedFixture, [
      ...readErrors,
      'connection_not_found',
      'recording_not_found',
    ]),
  };
  const listEvents = reading('listEvents', 'The steps of calls, the newest first', EventList, [
    ...readErrors,
    'invalid_request',
  ]);
  const answers = (listEvents.responses as Record<string, { content: Json }>)['200'];
  if (answers) answers.content['application/x-ndjson'] = { schema: { type: 'string' } };
  paths['/v1/events'] = { get: { ...listEvents, tags: ['events'], parameters: eventsParameters } };
  paths['/healthz'] = plain('health', 'The process answers', 'application/json');
  paths['/readyz'] = plain('readiness', 'Whether work can be done; 503 when not', 'application/json');
  paths['/metrics'] = plain('metrics', 'Metrics in Prometheus text format', 'text/plain');
  paths['/openapi.json'] = plain('openApi', 'This document', 'application/json');
  paths['/docs/errors.md'] = plain('errors', 'What the error codes mean', 'text/markdown');

  return JSON.stringify({
    openapi: '3.1.0',
    info: {
      title: 'Drawbridge',
      version,
      description:
        "Runs a tenant's database action scripts so that an auth server can use an existing user store.",
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: [{ name: 'scripts' }, { name: 'connections' }, { name: 'events' }, { name: 'operations' }],
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key of `drawbridge keys create`, with the scope execute, read:connections, read:recordings or read:events.',
        },
      },
      schemas: components,
    },
  });
}
