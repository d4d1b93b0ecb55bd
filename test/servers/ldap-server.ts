import ldap, { type Attribute, type Handler, type ServerRequest, type ServerResponse } from 'ldapjs';
import {
  createDirectory,
  type Directory,
  type DirectoryEntry,
  DirectoryError,
  normalDn,
  resultCode,
  valuesOf,
} from './ldap/directory.ts';
import { listenOnLoopback } from './listen.ts';

export interface LdapServerOptions {
  /** With it the server speaks ldaps and nothing else. */
  tls?: { key: string; cert: string };
  /** Attributes whose values no two entries share; `uid` and `mail` by default. */
  unique?: string[];
}

export interface LdapServer extends AsyncDisposable {
  /** `ldap://` or `ldaps://`. */
  url: string;
  port: number;
  /** Where users belong: `ou=people` of the suffix. */
  people: string;
  admin: { dn: string; password: string };
  /** What is in the directory, to look at and to fill. */
  directory: Directory;
  connections(): number;
  close(): Promise<void>;
}

const suffix = 'dc=example,dc=com';
const people = `ou=people,${suffix}`;
const admin = { dn: `cn=admin,${suffix}`, password: 'admin secret' };
const scopes = ['base', 'one', 'sub'] as const;

/** Kept by the server itself: a search tells of it only when asked. */
const operational = ['entryuuid'];

function shown(entry: DirectoryEntry, wanted: string[], isAdmin: boolean): DirectoryEntry['attributes'] {
  const asked = wanted.map((name) => name.toLowerCase());
  const all = asked.length === 0 || asked.includes('*');
  return Object.fromEntries(
    Object.entries(entry.attributes).filter(([type]) => {
      const name = type.toLowerCase();
      if (name === 'userpassword' && !isAdmin) return false;
      if (asked.includes(name)) return true;
      return operational.includes(name) ? asked.includes('+') : all;
    }),
  );
}

/**
 * A directory on a free port of the loopback, with the LDAP of ldapjs. Its administrator may do everything, users who
 * have bound may read, nobody else anything. Passwords are compared as they are.
 */
export async function startLdapServer({
  tls,
  unique = ['uid', 'mail'],
}: LdapServerOptions = {}): Promise<LdapServer> {
  const directory = createDirectory(suffix, unique);
  directory.add(suffix, { objectClass: ['domain'], dc: ['example'] });
  directory.add(people, { objectClass: ['organizationalUnit'], ou: ['people'] });
  directory.add(admin.dn, { objectClass: ['person'], cn: ['admin'], userPassword: [admin.password] });

  const server = tls ? ldap.createServer({ certificate: tls.cert, key: tls.key }) : ldap.createServer();
  // ldapjs passes a client's broken connection or message on; nobody else needs to know.
  for (const event of ['error', 'clientError']) server.on(event, () => {});
  const bound = new WeakMap<object, string>();
  const isAdmin = ({ connection }: ServerRequest) => bound.get(connection) === normalDn(admin.dn);

  function bind(request: ServerRequest): void {
    bound.delete(request.connection);
    const dn = request.dn.toString();
    if (request.credentials === '') {
      throw new DirectoryError(
        resultCode.unwillingToPerform,
        'unauthenticated bind (DN with no password) disallowed',
      );
    }
    const entry = directory.get(dn);
    if (!entry || !valuesOf(entry, 'userPassword').includes(request.credentials)) {
      throw new DirectoryError(resultCode.invalidCredentials, 'invalid credentials');
    }
    bound.set(request.connection, normalDn(dn));
  }

  function search(request: ServerRequest, response: ServerResponse): void {
    const scope = scopes.find((name, index) => request.scope === index || request.scope === name) ?? 'sub';
    const found = directory.search(request.dn.toString(), scope, request.filter);
    const wanted = request.attributes as string[];
    // The choice is made here; ldapjs' own knows nothing of operational attributes.
    response.attributes = [];
    for (const entry of request.sizeLimit ? found.slice(0, request.sizeLimit) : found) {
      response.send({ dn: entry.dn, attributes: shown(entry, wanted, isAdmin(request)) });
    }
  }

  function add(request: ServerRequest): void {
    const attributes = (request.attributes as Attribute[]).map(({ type, values }) => [type, values]);
    directory.add(request.dn.toString(), Object.fromEntries(attributes));
  }

  function modify(request: ServerRequest): void {
    const changes = request.changes.map(({ operation, modification: { type, values } }) => ({
      operation,
      type,
      values,
    }));
    directory.modify(request.dn.toString(), changes);
  }

  const answer =
    (
      work: (request: ServerRequest, response: ServerResponse) => void,
      mayDo: (request: ServerRequest) => boolean,
    ): Handler =>
    (request, response, next) => {
      try {
        if (!mayDo(request)) throw new DirectoryError(resultCode.insufficientAccessRights, 'no access');
        work(request, response);
        response.end();
      } catch (error) {
        next(error as Error);
      }
    };
  server.bind(
    suffix,
    answer(bind, () => true),
  );
  server.search(
    '',
    answer(search, ({ connection }) => bound.has(connection)),
  );
  server.add('', answer(add, isAdmin));
  server.modify('', answer(modify, isAdmin));
  server.del(
    '',
    answer((request) => directory.remove(request.dn.toString()), isAdmin),
  );

  const { port, connections, close } = await listenOnLoopback(server.server);
  return {
    url: `${tls ? 'ldaps' : 'ldap'}://127.0.0.1:${port}`,
    port,
    people,
    admin,
    directory,
    connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}
