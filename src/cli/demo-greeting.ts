import { demoUsers } from '../demo/demo-users.ts';
import type { DemoAuthServer } from './demo-auth-server.ts';

export interface DemoGreeting {
  /** Of the service: `http://127.0.0.1:3000`. */
  url: string;
  storeUrl: string;
  connection: string;
  /** Where the connection's files are. */
  folder: string;
  /** Whether callers must show an API key, which is expected in the shell's DRAWBRIDGE_API_KEY. */
  needsKey: boolean;
  /** The auth server over it, where there is one. */
  login?: Pick<DemoAuthServer, 'url' | 'appUrl' | 'adminPassword'> | undefined;
}

/** What `drawbridge demo` prints: what runs, who can log in, and three commands that work as they stand. */
export function demoGreeting({ url, storeUrl, connection, folder, needsKey, login }: DemoGreeting): string {
  const curl = (call: string, body: object) =>
    [
      `  curl -s ${url}/v1/connections/${connection}/${call}`,
      ...(needsKey ? ['-H "Authorization: Bearer $DRAWBRIDGE_API_KEY"'] : []),
      "-H 'Content-Type: application/json'",
      `-d '${JSON.stringify(body)}'`,
    ].join(' \\\n    ');
  return `
${login ? loginGreeting(login) : ''}Drawbridge runs at ${url}
  connection "${connection}": ${folder}
    (edit a script there and call again: a changed file is served at once)
  user store: ${storeUrl}, in memory, called by the scripts

${userTable()}

Get User by identifier:
${curl('get-user', { identifier: 'jane@example.com' })}

The same user by user_id:
${curl('get-user', { user_id: '42' })}

A signup:
${curl('signup', { user: { email: 'sam@example.com', password: 'sams-demo-password' } })}

Ctrl-C stops it; the users and the scripts there are gone then.
Scripts of your own, to keep: npx drawbridge init ./tenant --template http
`;
}

function loginGreeting({ url, appUrl, adminPassword }: NonNullable<DemoGreeting['login']>): string {
  return `Open ${url} in a browser
  log in with a user of the table below, or sign up with a passkey
  application that you log in to: ${appUrl}
  passkey settings and events:    ${url}/admin, password ${adminPassword}

`;
}

function userTable(): string {
  const rows = demoUsers.map(({ user, password }) => [
    user.user_id,
    [user.email, user.username, user.phone_number].filter(Boolean).join(', '),
    password,
  ]);
  const table = [['user_id', 'identifiers', 'password'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)) + 3);
  return table
    .map(([id, who, password]) => `  ${id!.padEnd(widths[0]!)}${who!.padEnd(widths[1]!)}${password}`)
    .join('\n');
}
