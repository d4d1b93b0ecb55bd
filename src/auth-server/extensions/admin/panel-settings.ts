import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { ConnectionSettings } from '../../bridge/bridge-client.ts';

const PanelSettings = z.strictObject({
  /** Laid over the connection's own; what is absent is the connection's. */
  passkeyOptions: z
    .strictObject({
      challenge_ui: z.enum(['both', 'autofill', 'button']).optional(),
      progressive_enrollment_enabled: z.boolean().optional(),
      local_enrollment_enabled: z.boolean().optional(),
    })
    .default({}),
  /** RP IDs by the domain's origin; what is absent is as the server's settings have it. */
  relyingParties: z.record(z.string(), z.string()).default({}),
});
/** What was changed in the panel, and no more than that. */
export type PanelSettings = z.infer<typeof PanelSettings>;

export interface PanelStore {
  read(): PanelSettings;
  save(settings: PanelSettings): void;
}

export function createPanelStore(database: DatabaseSync): PanelStore {
  database.exec(
    'CREATE TABLE IF NOT EXISTS panel_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT',
  );
  const find = database.prepare("SELECT value FROM panel_settings WHERE key = 'passkeys'");
  const save = database.prepare(
    "INSERT INTO panel_settings (key, value) VALUES ('passkeys', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  return {
    read() {
      const row = find.get() as { value: string } | undefined;
      return PanelSettings.parse(row ? JSON.parse(row.value) : {});
    },
    save: (settings) => void save.run(JSON.stringify(PanelSettings.parse(settings))),
  };
}

/** What was saved in the panel stands over what the connection's file says. */
export function effectiveSettings(
  connection: ConnectionSettings,
  { passkeyOptions }: Pick<PanelSettings, 'passkeyOptions'>,
): ConnectionSettings {
  return { ...connection, passkey_options: { ...connection.passkey_options, ...passkeyOptions } };
}
