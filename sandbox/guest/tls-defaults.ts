import { writeLine } from './console-line.ts';
import { type Environment, environment } from './environment.ts';

const VARIABLE = 'NODE_TLS_REJECT_UNAUTHORIZED';
const warned = new WeakSet<Environment>();

/**
 * Whether a TLS connection that says nothing of `rejectUnauthorized` checks its peer's certificate. To be asked when
 * the connection is made: the answer is that of the action script under way, which may have set the variable itself.
 */
export function rejectUnauthorizedByDefault(): boolean {
  const variables = environment();
  if (variables[VARIABLE] !== '0') return true;
  if (!warned.has(variables)) {
    warned.add(variables);
    const advice = 'give the certificate of its CA as the option `ca` instead';
    writeLine('warn', `Warning: with ${VARIABLE} set to '0' anyone may pose as an upstream; ${advice}`);
  }
  return false;
}
