import type { Express } from 'express';
import type { Configuration } from 'oidc-provider';
import type { ConnectionSettings, User } from './bridge/bridge-client.ts';
import type { Domain } from './domain.ts';
import type { By, Proven, Refusal } from './login/admit.ts';
import type { Login } from './login/logins.ts';
import type { Step, StepError, Visit } from './login/visit.ts';
import type { Parts } from './parts.ts';

/**
 * What stands beside passkeys and can be left out; folders of `extensions/` have one each. The core calls what is there,
 * extension after extension.
 */
export interface Extension {
  addRoutes?(routes: Routes): void;
  /** Of the OpenID Provider of each domain. */
  configureProvider?(configuration: Configuration): Configuration;
  /** The connection as the pages go by it. */
  connectionSettings?(settings: ConnectionSettings): ConnectionSettings;
  /** The RP ID of a domain, where it is another than the settings say. */
  rpIdOf?(origin: string): string | undefined;
  /** A way on from the home page. */
  homeLink?: { href: string; text: string };

  /** Before each step of a login: the page below the login's path that is to come first, if any. Throws StepError. */
  beforeStep?(visit: Visit): Promise<string | undefined>;
  signUpTerms?(login: Pick<Login, 'organization'>): SignUpTerms;
  /** A user was made; who it is is not proven to the login yet. */
  afterSignUp?(by: By, user: User): void;
  /** Why a user is not let in though a factor is proven. */
  admit?(by: By, proven: Proven): Promise<Refusal | undefined>;
  /** The page below the login's path that the user has to pass before the login can end, if any. */
  stepLeft?(proven: Proven): string | undefined;
  /** Nothing is left to do: the last word on the login. */
  beforeEnd?(visit: Visit, proven: Proven): Refusal | undefined;
}

export type Extend = (parts: Parts) => readonly Extension[];

export interface Routes {
  app: Express;
  domains: readonly Domain[];
  /** Steps of a login, at a path below the login's. */
  at(path: string, steps: { get?: Step; post?: Step }): void;
}

/** What somebody who signs up may choose. */
export interface SignUpTerms {
  /** Why nobody may sign up. */
  refusal?: StepError | undefined;
  /** The account is for this address, which cannot be changed; `to` is what it leads to. */
  invited?: { email: string; to: string } | undefined;
  /** Why the account cannot start with a passkey. */
  noPasskey?: StepError | undefined;
}
