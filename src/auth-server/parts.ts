import type { DatabaseSync } from 'node:sqlite';
import type { Express, Request, Response } from 'express';
import type Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';
import type { EventLog } from '../events/event-log.ts';
import type { BridgeClient, ConnectionSettings, User } from './bridge/bridge-client.ts';
import type { EnrollmentDecisions } from './database/enrollment-decisions.ts';
import type { Passkeys } from './database/passkeys.ts';
import type { ServerKeys } from './database/server-keys.ts';
import type { StepError } from './login/failures.ts';
import type { Login, Logins, Proven } from './login/logins.ts';
import type { Ceremonies } from './passkeys/ceremonies.ts';
import type { AuthServerSettings, ClientSettings } from './settings.ts';

/** What the handlers are given; create-auth-server.ts builds it. */
export interface Parts {
  settings: AuthServerSettings;
  bridge: BridgeClient;
  database: DatabaseSync;
  keys: ServerKeys;
  passkeys: Passkeys;
  enrollmentDecisions: EnrollmentDecisions;
  ceremonies: Ceremonies;
  logins: Logins;
  events: EventLog;
  extensions: readonly Extension[];
  now(): number;
  /** Hears of what nobody foresaw. */
  onFault(error: unknown): void;
}

/** One of the domains that people log in at. */
export interface Domain {
  origin: string;
  host: string;
  provider: Provider;
  /** The relying party of its passkeys: the host, or a registrable domain above it. */
  rpId(): string;
  ownRpId: string;
  /** Whether any domain has this RP ID: passkeys of others cannot be used. */
  inUse(rpId: string): boolean;
}

/** Whom and what a log event is about. */
export interface EventContext {
  parts: Parts;
  domain: Domain;
  req: Request;
  /** The application that the user logs in to; undefined where a call named none that we know. */
  client: ClientSettings | undefined;
  login: Pick<Login, 'proven' | 'organization'>;
}

/** A login's request, or a call of an application's own. */
export interface LoginRequest extends EventContext {
  client: ClientSettings;
  connection: ConnectionSettings;
}

/** One request of a login under way. */
export interface Visit extends LoginRequest {
  res: Response;
  /** What the application asked for. */
  params: Readonly<Record<string, unknown>>;
  login: Login;
  /** `/login/<uid>`, which its pages are under. */
  path: string;
}

export type Step = (visit: Visit) => Promise<void> | void;

/** Why nobody is let in. */
export interface Refusal {
  code: string;
  message: string;
  status: number;
  /** The application hears of it, instead of the user. */
  isForApplication?: boolean;
}

export interface SignUpTerms {
  /** Why nobody may sign up. */
  refusal?: StepError;
  /** The account is for this address, which cannot be changed; `to` is what it leads to. */
  invited?: { email: string; to: string };
  /** Why the account cannot start with a passkey. */
  noPasskey?: StepError;
}

/**
 * What stands beside passkeys and can be left out; the folders of `extensions/` have one each. The core calls what is
 * there, extension after extension.
 */
export interface Extension {
  addRoutes?(routes: Routes): void;
  /** What applications may have among their `grant_types`. */
  grantTypes?: readonly string[];
  configureProvider?(configuration: Configuration): Configuration;
  /** The connection as the pages go by it. */
  connectionSettings?(settings: ConnectionSettings): ConnectionSettings;
  /** The RP ID of a domain, where it is another than the settings say. */
  rpIdOf?(origin: string): string | undefined;
  homeLink?: { href: string; text: string };

  /** Before each step of a login: the page below the login's path that is to come first, if any. Throws StepError. */
  beforeStep?(visit: Visit): Promise<string | undefined>;
  signUpTerms?(login: EventContext['login']): SignUpTerms;
  /** A user was made; the login is not theirs yet. */
  afterSignUp?(request: LoginRequest, user: User): void;
  /** Why a user is not let in though a factor is proven. */
  admit?(request: LoginRequest, proven: Proven): Promise<Refusal | undefined>;
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
