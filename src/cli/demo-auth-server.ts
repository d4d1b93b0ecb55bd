import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAuthServer } from '../auth-server/create-auth-server.ts';
import { allExtensions } from '../auth-server/extensions/all-extensions.ts';
import { mfaOtpGrant, webauthnGrant } from '../auth-server/extensions/native/grant-types.ts';
import { startDemoApp } from '../demo/demo-app.ts';
import { ListenError } from '../http/server.ts';

export interface DemoAuthServerOptions {
  /** Of the service: `http://127.0.0.1:3000`. */
  bridgeUrl: string;
  apiKey: string | undefined;
  connection: string;
  /** Where its database goes. */
  folder: string;
  port: number;
  appPort: number;
}

export interface DemoAuthServer {
  url: string;
  appUrl: string;
  adminPassword: string;
  close(): Promise<void>;
}

/** An auth server over the demo's connection, and an application that logs its users in with it. */
export async function startDemoAuthServer(options: DemoAuthServerOptions): Promise<DemoAuthServer> {
  const { bridgeUrl, apiKey, connection, folder, port, appPort } = options;
  const url = `http://localhost:${port}`;
  const app = await startDemoApp({ issuer: url, clientId: 'demo-app', port: appPort }).catch(
    explain(appPort, '--app-port'),
  );
  const adminPassword = randomBytes(12).toString('base64url');
  const authServer = createAuthServer({
    settings: {
      name: 'Drawbridge demo',
      bridge: { url: bridgeUrl, connection, ...(apiKey ? { apiKey } : {}) },
      databaseFile: join(folder, 'auth-server.db'),
      domains: [{ origin: url }],
      clients: [
        {
          client_id: 'demo-app',
          client_name: 'the demo application',
          initiate_login_uri: `${app.origin}/login`,
          redirect_uris: [`${app.origin}/callback`],
          post_logout_redirect_uris: [`${app.origin}/`],
          allowed_origins: [app.origin],
          grant_types: ['authorization_code', 'refresh_token', webauthnGrant, mfaOtpGrant],
        },
      ],
    },
    extend: allExtensions({
      adminPassword,
      organizations: [{ id: 'org_north', name: 'north', display_name: 'North Ltd' }],
    }),
    onFault: (error) => console.error(error),
  });
  const close = async () => {
    await Promise.all([authServer.close(), app.close()]);
  };
  await authServer.listen(port).catch(async (error) => {
    await close();
    return explain(port, '--auth-server-port')(error);
  });
  return { url, appUrl: app.origin, adminPassword, close };
}

const explain = (port: number, flag: string) => (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error;
  throw new ListenError(`port ${port} is taken; stop what listens there or choose another with ${flag}`);
};
