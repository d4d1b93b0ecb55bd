import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { z } from 'zod';
import { createEventLog } from '../events/event-log.ts';
import { createApp } from './app.ts';
import { BridgeError, createBridgeClient } from './bridge/bridge-client.ts';
import { createEnrollmentDecisions } from './database/enrollment-decisions.ts';
import { openDatabase } from './database/open-database.ts';
import { createPasskeys } from './database/passkeys.ts';
import { loadServerKeys } from './database/server-keys.ts';
import { settleSignUps } from './login/create-user.ts';
import { createLogins } from './login/logins.ts';
import { checkClients, createDomains } from './oidc/create-domains.ts';
import type { Domain, Extend, Extension, Parts } from './parts.ts';
import { createCeremonies } from './passkeys/ceremonies.ts';
import { AuthServerSettings, parseSettings } from './settings.ts';

export interface AuthServerOptions {
  settings: z.input<typeof AuthServerSettings>;
  /** What is to stand beside passkeys: `allExtensions(…)`, some of them, or nothing. */
  extend?: Extend;
  now?: () => number;
  onFault?: (error: unknown) => void;
}

/**
 * Builds the auth server; nothing listens before `listen`. Throws SettingsError for settings that are not valid, Error
 * for grants that nothing knows.
 */
export function createAuthServer(options: AuthServerOptions) {
  const { extend = () => [], now = Date.now, onFault = () => {} } = options;
  const settings = parseSettings(AuthServerSettings, options.settings);
  const database = openDatabase(settings.databaseFile);
  const extensions: Extension[] = [];
  const parts: Parts = {
    settings,
    now,
    onFault,
    database,
    keys: loadServerKeys(database),
    bridge: createBridgeClient(settings.bridge),
    passkeys: createPasskeys(database, now),
    enrollmentDecisions: createEnrollmentDecisions(database, now),
    ceremonies: createCeremonies(now),
    logins: createLogins(now),
    events: createEventLog({
      tenant: settings.bridge.connection,
      file: settings.eventsFile,
      onProblem: ({ kind, path }) => {
        if (kind === 'failing') onFault(new Error(`${path} cannot be written`));
      },
      now,
    }),
    extensions,
  };
  let app: Express;
  let domains: Domain[];
  try {
    // Into the same array: extensions may have made parts of their own of these by then.
    extensions.push(...extend(parts));
    domains = createDomains(parts);
    app = createApp(parts, domains);
  } catch (error) {
    database.close();
    throw error;
  }

  let server: ReturnType<typeof app.listen> | undefined;
  let housekeeping: NodeJS.Timeout | undefined;
  const keepHouse = () =>
    settleSignUps(parts).catch((error) => {
      if (database.isOpen && !(error instanceof BridgeError)) onFault(error);
    });

  return {
    /** Resolves when requests are accepted. Throws Error for `clients` that no login would work for. */
    async listen(port: number, host = '127.0.0.1'): Promise<{ port: number }> {
      await checkClients(parts, domains);
      server = app.listen(port, host);
      await once(server, 'listening');
      void keepHouse();
      // A name that the bridge does not know is no outage, though people would be told of one.
      parts.bridge.connection().catch((error: BridgeError) => error.isOutage || onFault(error));
      housekeeping = setInterval(keepHouse, 3600_000).unref();
      return { port: (server.address() as AddressInfo).port };
    },
    async close(): Promise<void> {
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

export type AuthServer = ReturnType<typeof createAuthServer>;
