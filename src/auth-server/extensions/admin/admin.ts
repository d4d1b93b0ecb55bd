import type { Extension, Parts } from '../../parts.ts';
import type { Admins } from './admins.ts';
import { listEvents } from './events-endpoint.ts';
import { addPanelRoutes } from './panel-routes.ts';
import { createPanelStore, effectiveSettings } from './panel-settings.ts';
import { noPanel, requireAdmin } from './require-admin.ts';

/** The panel, and what an operator may ask over HTTP. Without `admins` what was saved is in force all the same. */
export function createAdmin(parts: Parts, admins: Admins | undefined): Extension {
  const panel = createPanelStore(parts.database);
  const extension: Extension = {
    connectionSettings: (settings) => effectiveSettings(settings, panel.read()),
    rpIdOf: (origin) => panel.read().relyingParties[origin],
    addRoutes({ app, domains }) {
      app.get('/v1/events', requireAdmin({ ...parts, admins }), listEvents(parts));
      if (admins) return addPanelRoutes(app, { parts, admins, panel, domains });
      app.use('/admin', (_req, res) => void res.status(404).type('text').send(`${noPanel}\n`));
    },
  };
  if (admins)
    extension.homeLink = { href: '/admin', text: 'Passkey settings and events, for those who run this' };
  return extension;
}
