import type { z } from 'zod';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { Connection } from '../../connections/connection.ts';
import type { ErrorCode } from '../../errors.ts';
import type { ActionAnswer, CallOptions } from '../../runner/runner.ts';
import type { Organization } from '../../scripts/action-inputs.ts';
import type { AppParts } from '../app-parts.ts';

/** What the bodies of all script endpoints share. */
export interface ScriptBody {
  organization?: z.infer<typeof Organization> | undefined;
}

/** What an endpoint works with. */
export type EndpointParts = Pick<AppParts, 'runner' | 'userHandles' | 'logger'>;

/** An endpoint that runs scripts. Routes and the OpenAPI document are made from the same value. */
export interface ScriptEndpoint {
  operationId: string;
  path: `/v1/connections/:connection/${string}`;
  /** What logs and metrics say. */
  script: ActionName | 'signup';
  summary: string;
  description?: string;
  /** For the document; checks the body too unless `schemaFor` picks one that gives clearer errors. */
  body: z.ZodType<ScriptBody>;
  schemaFor?: (body: unknown) => z.ZodType<ScriptBody>;
  status: 200 | 201 | 204;
  /** Fields of the answer beside `execution`; absent for 204. */
  answer?: z.ZodRawShape;
  /** Whether Idempotency-Key is heeded. */
  idempotent: boolean;
  /** Of an endpoint that checks passwords: whose, so that guesses are counted. */
  identifierOf?: (body: ScriptBody) => string;
  /** Codes of its own, beyond those that any script endpoint can answer. */
  errors: readonly ErrorCode[];
  run(
    parts: EndpointParts,
    connection: Connection,
    body: ScriptBody,
    options: CallOptions,
  ): Promise<ActionAnswer<object>>;
}

/** Ties the schema's type to `run`, which then needs no casts. */
export function scriptEndpoint<Body extends ScriptBody>(
  endpoint: Omit<ScriptEndpoint, 'body' | 'schemaFor' | 'identifierOf' | 'run'> & {
    body: z.ZodType<Body>;
    schemaFor?: (body: unknown) => z.ZodType<Body>;
    identifierOf?: (body: Body) => string;
    run(
      parts: EndpointParts,
      connection: Connection,
      body: Body,
      options: CallOptions,
    ): Promise<ActionAnswer<object>>;
  },
): ScriptEndpoint {
  // The body that run() gets is always one that `body` or `schemaFor` has parsed.
  return endpoint as unknown as ScriptEndpoint;
}

/** `Omit` of each member of a union; Omit alone would keep their common fields only. */
type WithoutOrganization<Body> = Body extends unknown ? Omit<Body, 'organization'> : never;

/** The script's input is the body without what is not the script's own. */
export function inputOf<Body extends ScriptBody>(body: Body): WithoutOrganization<Body> {
  const { organization: _organization, ...input } = body;
  return input as unknown as WithoutOrganization<Body>;
}
