import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { ScriptName } from '../../fixtures/fixture-schema.ts';

/** The scripts that a case runs. */
export const scriptsOf = (script: ScriptName): ActionName[] =>
  script === 'signup' ? ['get_user', 'create', 'login'] : [script];
