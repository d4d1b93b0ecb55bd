import type { Connection } from '../connections/connection.ts';
import { problemLine, warningsOf } from '../report-findings.ts';
import type { Service } from '../service.ts';

function keyState({ keys, config }: Pick<Service, 'keys' | 'config'>): string {
  if (keys.open) {
    return 'none: whoever can reach this port on this machine may call it; set DRAWBRIDGE_API_KEY to change that';
  }
  const from = [config.apiKey ? 'DRAWBRIDGE_API_KEY' : '', config.apiKeysFile ?? ''].filter(
    (part) => part !== '',
  );
  const count = keys.count();
  if (count === 0) return `no usable key in ${from.join(' and ')}: every call will be refused`;
  return `${count} ${count === 1 ? 'key' : 'keys'} from ${from.join(' and ')}`;
}

function describeConnection(connection: Connection, passkeyWarning: string | undefined): string[] {
  const names = Object.values(connection.scripts).map(({ action, problem }) =>
    problem ? `${action} (broken)` : action,
  );
  return [
    `  ${connection.name}: ${names.length > 0 ? names.join(', ') : 'no scripts'}`,
    ...[...warningsOf(connection), ...(passkeyWarning ? [passkeyWarning] : [])].map(
      (warning) => `    warning: ${warning}`,
    ),
  ];
}

/** What is running, for the person who started it. */
export function describeService(
  service: Pick<Service, 'keys' | 'config' | 'store' | 'passkeyWarnings'>,
  url: string,
): string {
  const { config, store, passkeyWarnings } = service;
  const connections = store.list();
  const lines = [
    `drawbridge listens on ${url}`,
    `Directory: ${config.dir}`,
    `Tenant: ${config.tenant}`,
    `API key: ${keyState(service)}`,
    connections.length > 0
      ? 'Connections:'
      : `Connections: none. Lay one down with: npx drawbridge init ${config.dir} --template http`,
    ...connections.flatMap((each) => describeConnection(each, passkeyWarnings.get(each.name))),
    ...store.problems().map((problem) => `Problem: ${problemLine(problem)}`),
  ];
  return `${lines.join('\n')}\n`;
}
