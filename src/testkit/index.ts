/**
 * `drawbridge/testkit`: runs a connection's scripts in the real sandbox, for vitest, node:test or any other runner.
 * Scripts' HTTP calls are made by node:http in the test's own process, where nock and MSW see them. docs/testing.md
 */
export type { ErrorCode } from '../errors.ts';
export { assertFailsWith, assertFound, assertNotFound, assertProfile } from './assertions.ts';
export {
  type LoadConnectionOptions,
  loadConnection,
  type SandboxOptions,
  type TestConnection,
} from './load-connection.ts';
export { matchers } from './matchers.ts';
export type { ConsoleLine, RunFailure, RunResult, RunSuccess } from './run-result.ts';
export { type RunScriptOptions, runScript } from './run-script.ts';
export { TestkitError, type TestkitErrorCode } from './testkit-error.ts';
