import type { Request } from 'express';
import type { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { Scope } from '../../keys/api-key.ts';
import type { Answer } from '../answer.ts';
import type { AppParts } from '../app-parts.ts';
import type { Call } from '../call.ts';

export interface Responding<Parts> {
  operationId: string;
  path: string;
  summary: string;
  respond(parts: Parts, req: Request, call: Call): Answer | Promise<Answer>;
}

/** An endpoint that is no script's. Routes and the OpenAPI document are made from the same value. */
export interface Endpoint extends Responding<AppParts> {
  method: 'get' | 'post';
  path: `/v1/${string}`;
  scope: Scope;
  /** Parameters of the query, as OpenAPI has them. */
  query?: readonly object[];
  body?: { schema: z.ZodType; required: boolean };
  answer: z.ZodType;
  /** Where the status may be 201: what that means. */
  created?: string;
  /** Whether the answer may be had as lines of JSON. */
  lines?: boolean;
  /** Codes of its own, beyond those that follow from its path and its body. */
  errors?: readonly ErrorCode[];
}

/** An endpoint that needs no key. */
export interface PublicEndpoint extends Responding<AppParts & { openApi: string }> {
  /** Of the answer, unless it is JSON. */
  type?: string;
}
