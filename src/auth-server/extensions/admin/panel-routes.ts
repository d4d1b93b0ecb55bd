import { type Express, type RequestHandler, urlencoded } from 'express';
import { z } from 'zod';
import { ServiceError } from '../../../errors.ts';
import { refuseOtherSites } from '../../middleware.ts';
import { html } from '../../pages/html.ts';
import { alert, field, layout } from '../../pages/layout.ts';
import type { Domain } from '../../parts.ts';
import type { Admins } from './admins.ts';
import { showEvents } from './events-page.ts';
import type { PanelVisit } from './panel-page.ts';
import { savePasskeys, showPasskeys } from './passkeys-page.ts';
import { tellWrongPassword } from './require-admin.ts';
import { clearSession, sessionToken, setSession } from './session-cookie.ts';

const Form = z.object({ password: z.string().min(1).max(4096) });

export interface Panel extends Pick<PanelVisit, 'parts' | 'panel' | 'domains'> {
  admins: Admins;
}

export function addPanelRoutes(app: Express, { parts, panel, domains, admins }: Panel): void {
  const form = urlencoded({ extended: false, limit: '100kb' });
  const loginPage = (message?: string) =>
    layout({
      title: 'Log in to the panel',
      brand: parts.settings.name,
      content: html`${alert(message)}
<form method="post" action="/admin/login">
<input type="text" name="username" autocomplete="username" readonly hidden value="operator">
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', autofocus: true })}
<button type="submit">Log in</button>
</form>`,
    });
  const at = (take: (visit: PanelVisit) => Promise<void> | void): RequestHandler => {
    return (req, res) => {
      if (!admins.isOpen(sessionToken(req))) return res.redirect(303, '/admin');
      return take({ parts, panel, req, res, domain: res.locals.domain as Domain, domains });
    };
  };

  app.post('/admin/*rest', (req, res, next) => {
    refuseOtherSites(req, res.locals.domain as Domain);
    next();
  });
  app.get('/admin', (req, res) => {
    if (admins.isOpen(sessionToken(req))) return res.redirect(303, '/admin/passkeys');
    res.type('html').send(loginPage());
  });
  app.post('/admin/login', form, (req, res) => {
    const refuse = (status: number, message: string) =>
      void res.status(status).type('html').send(loginPage(message));
    const typed = Form.safeParse(req.body);
    if (!typed.success) return refuse(422, 'Type the password.');
    try {
      if (!admins.check(typed.data.password, req.ip)) {
        tellWrongPassword(parts, req, res);
        return refuse(422, 'That is not the password.');
      }
    } catch (error) {
      if (error instanceof ServiceError) return refuse(429, error.message);
      throw error;
    }
    setSession(res, admins.open());
    res.redirect(303, '/admin/passkeys');
  });
  app.post('/admin/logout', (req, res) => {
    admins.end(sessionToken(req));
    clearSession(res);
    res.redirect(303, '/admin');
  });
  app.get('/admin/passkeys', at(showPasskeys));
  app.post('/admin/passkeys', form, at(savePasskeys));
  app.get('/admin/events', at(showEvents));
}
