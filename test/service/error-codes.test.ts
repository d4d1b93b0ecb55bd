import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorCode, errorTable } from '../../src/errors.ts';
import { errorCases } from './error-cases.ts';
import { type Stage, setStage } from './error-stage.ts';

const provoked = new Set<string>();
let stage: Stage & AsyncDisposable;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

test.each(Object.entries(errorCases))('%s', async (name, { provoke, fields, detail, executed, headers }) => {
  const code = name as ErrorCode;
  const reply = await provoke(stage);
  const { detail: said = '', instance, execution_id, ...rest } = reply.body;
  provoked.add(rest.code);
  expect(reply.status).toBe(errorTable[code].status);
  expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(rest).toEqual({ type: `/docs/errors.md#${code}`, code, ...errorTable[code], ...fields });
  expect(said).toMatch(detail);
  expect(instance).toMatch(/^\/v\d\/connections/);
  expect(execution_id).toEqual(executed ? expect.stringMatching(/^exec_[0-9a-f]{32}$/) : undefined);
  expect(reply.headers.get('x-execution-id') ?? undefined).toBe(execution_id);
  expect(Object.fromEntries(reply.headers)).toMatchObject(headers ?? {});
});

test('every code of the table was provoked', () => {
  expect([...provoked].sort()).toEqual(Object.keys(errorTable).sort());
});
