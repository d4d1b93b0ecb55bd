import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { ModuleTable } from '../../../sandbox/contract/modules.ts';
import type { Finding } from '../finding.ts';
import type { SourceCode } from './source-codes.ts';

export interface SourceInput {
  /** The connection's. */
  name: string;
  contextEnabled: boolean;
  scripts: readonly { action: ActionName; file: string; source: string }[];
  helpers?: readonly { file: string; source: string }[];
  modules: ModuleTable;
  configurationKeys?: readonly string[];
  importMode?: boolean;
}

/** What can be told of scripts by reading them. */
export function checkSource(_input: SourceInput): Finding<SourceCode>[] {
  return [];
}
