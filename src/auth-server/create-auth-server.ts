import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import { createEventLog } from '../events/event-log.ts';
import { createAdmins } from './admin/admins.ts';
import { createApp } from './app.ts';
import { createBridgeClient } from './bridge/bridge-client.ts';
import { BridgeError } from './bridge/bridge-error.ts';
import { createEnrollmentDecisions } from './database/enrollment-decisions.ts';
import { createMembers } from './database/members.ts';
import { openDatabase } from './database/open-database.ts';
import { createPanelStore } from './database/panel-settings.ts';
import { createPasskeys } from './database/passkeys.ts';
import { loadServerKeys } from './database/server-keys.ts';
import { createTotpFactors } from './database/totp-factors.ts';
import { createUsedInvitations } from './database/used-invitations.ts';
import type { Domain } from './domain.ts';
import { createLogins } from './login/logins.ts';
import { createWrongCodes } from './login/wrong-codes.ts';
import { createNativeSessions } from './native/native-sessions.ts';
import { createProvider } from './oidc/create-provider.ts';
import { createOidcAdapters } from './oidc/oidc-adapter.ts';
import { registerWebauthnGrant } from './oidc/webauthn-grant.ts';
import { failurePage } from './pages/failure.ts';
import type { Parts } from './parts.ts';
import { createCeremonies } from './passkeys/ceremonies.ts';
import { settleSignUps } from './passkeys/settle-sign-ups.ts';
import { AuthServerSettings } from './settings.ts';

export interface AuthServer {
  /** Resolves when requests are accepted. */
  listen(port: number, host?: string): Promise<{ port: number }>;
  close(): Promise<void>;
}

export interface AuthServerOptions {
  settings: z.input<typeof AuthServerSettings>;
  now?: () => number;
  /** Hears of what nobody foresaw. */
  onFault?: (error: unknown) => void;
}

/** Builds the auth server; nothing listens before `listen`. Throws ZodError for settings that are not valid. */
export function createAuthServer(options: AuthServerOptions): AuthServer {
  const { now = Date.now, onFault = () => {} } = options;
  const settings = AuthServerSettings.parse(options.settings);
  const database = openDatabase(settings.databaseFile);
  const keys = loadServerKeys(database);
  const parts: Parts = {
    settings,
    now,
    onFault,
    bridge: createBridgeClient(settings.bridge),
    passkeys: createPasskeys(database, now),
    totpFactors: createTotpFactors(database),
    wrongCodes: createWrongCodes(now),
    usedInvitations: createUsedInvitations(database, now),
    members: createMembers(database, now),
    invitationKey: keys.invitationKey,
    enrollmentDecisions: createEnrollmentDecisions(database, now),
    ceremonies: createCeremonies(now),
    logins: createLogins(now),
    panel: createPanelStore(database),
    admins: settings.adminPassword && createAdmins(settings.adminPassword, now),
    nativeSessions: createNativeSessions(now),
    events: createEventLog({
      tenant: settings.bridge.connection,
      file: settings.eventsFile,
      onProblem: ({ kind, path }) => {
        if (kind === 'failing') onFault(new Error(`${path} cannot be written`));
      },
      now,
    }),
  };
  const adapter = createOidcAdapters(database);
  const errorPage = (code: string, description: string | undefined) =>
    failurePage({ brand: settings.name, code, message: description ?? code });
  const domains: Domain[] = settings.domains.map(({ origin, relying_party_identifier }): Domain => {
    const { host, hostname } = new URL(origin);
    const ownRpId = relying_party_identifier ?? hostname;
    const rpId = () => parts.panel.read().relyingParties[origin] ?? ownRpId;
    const domain: Domain = {
      origin,
      host,
      provider: createProvider({ ...parts, adapter, keys, origin, errorPage }),
      rpId,
      ownRpId,
      inUse: (id) => domains.some((domain) => domain.rpId() === id),
    };
    registerWebauthnGrant(parts, domain);
    return domain;
  });
  const app = createApp(parts, domains);
  let server: ReturnType<typeof app.listen> | undefined;
  let housekeeping: NodeJS.Timeout | undefined;
  const keepHouse = () =>
    settleSignUps(parts).catch((error) => {
      if (database.isOpen && !(error instanceof BridgeError)) onFault(error);
    });

  return {
    async listen(port, host = '127.0.0.1') {
      server = app.listen(port, host);
      await once(server, 'listening');
      void keepHouse();
      housekeeping = setInterval(keepHouse, 3600_000).unref();
      return { port: (server.address() as AddressInfo).port };
    },
    async close() {
      clearInterval(housekeeping);
      if (server) {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }
      await parts.events.close();
      database.close();
    },
  };
}
