import ldap from 'ldapjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';
import { type LdapServer, type LdapServerOptions, startLdapServer } from './ldap-server.ts';

const certificates = createCertificates();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length) await closing.pop()?.();
});

async function start(options?: LdapServerOptions): Promise<LdapServer> {
  const server = await startLdapServer(options);
  closing.push(() => server.close());
  return server;
}

type Rejection = (error: Error & { code: number | string }) => void;

/** ldapjs' client with promises. */
function connect({ url }: LdapServer, tlsOptions?: object) {
  const client = ldap.createClient({ url, tlsOptions });
  closing.push(() => client.destroy());
  const promised = (work: (done: (error: (Error & { code: number }) | null) => void) => void) =>
    new Promise<void>((resolve, reject: Rejection) => {
      client.on('error', (error) => reject(error as Error & { code: string }));
      work((error) => (error ? reject(error) : resolve()));
    });
  return {
    bind: (dn: string, password: string) => promised((done) => client.bind(dn, password, done)),
    add: (dn: string, entry: Record<string, string>) => promised((done) => client.add(dn, entry, done)),
    remove: (dn: string) => promised((done) => client.del(dn, done)),
    modify: (dn: string, operation: string, type: string, values: string[]) =>
      promised((done) =>
        client.modify(dn, new ldap.Change({ operation, modification: { type, values } }), done),
      ),
    search: (base: string, filter: string, attributes?: string[]) =>
      new Promise<Record<string, string[]>[]>((resolve, reject: Rejection) => {
        const found: Record<string, string[]>[] = [];
        client.search(
          base,
          { scope: 'sub', filter, ...(attributes ? { attributes } : {}) },
          (error, search) => {
            if (error) return reject(error);
            search.on('error', reject);
            search.on('searchEntry', ({ pojo }) =>
              found.push(Object.fromEntries(pojo.attributes.map(({ type, values }) => [type, values]))),
            );
            search.on('end', () => resolve(found));
          },
        );
      }),
  };
}

const jane = { objectClass: 'inetOrgPerson', uid: 'jane', mail: 'jane@example.com', userPassword: 'sécret' };

describe.each([
  ['ldap', undefined],
  ['ldaps', certificates.server],
] as const)('%s', (scheme, tls) => {
  const trust = { ca: certificates.ca };

  async function asAdmin() {
    const server = await start(tls ? { tls } : {});
    expect(server.url).toMatch(new RegExp(`^${scheme}://`));
    const client = connect(server, trust);
    await client.bind(server.admin.dn, server.admin.password);
    return { server, client, dn: `uid=jane,${server.people}` };
  }

  it('adds, finds, changes and deletes', async () => {
    const { server, client, dn } = await asAdmin();
    await client.add(dn, jane);
    const entryUUID = server.directory.get(dn)?.attributes.entryUUID?.[0];
    expect(await client.search(server.people, '(mail=Jane@Example.com)', ['uid', 'entryUUID'])).toEqual([
      { uid: ['jane'], entryUUID: [entryUUID] },
    ]);
    expect(await client.search(server.people, `(entryUUID=${entryUUID})`)).toMatchObject([
      { mail: [jane.mail] },
    ]);
    expect(await client.search(server.people, '(&(objectClass=*)(|(uid=nobody)(mail=jane@*)))')).toHaveLength(
      1,
    );
    expect(await client.search(server.people, '(!(uid=jane))', ['uid'])).toEqual([{}]);
    await client.modify(dn, 'replace', 'mail', ['jane@example.org']);
    await client.modify(dn, 'add', 'description', ['verified']);
    await client.modify(dn, 'delete', 'description', []);
    expect(server.directory.get(dn)?.attributes).toMatchObject({ mail: ['jane@example.org'] });
    expect(server.directory.get(dn)?.attributes.description).toBeUndefined();
    await client.remove(dn);
    expect(await client.search(server.people, '(uid=jane)')).toEqual([]);
  });

  it('binds users by their passwords', async () => {
    const { server, client, dn } = await asAdmin();
    await client.add(dn, jane);
    const user = connect(server, trust);
    await expect(user.bind(dn, 'wrong')).rejects.toMatchObject({ code: 49 });
    await expect(user.bind(dn, '')).rejects.toMatchObject({ code: 53 });
    await expect(user.bind(`uid=john,${server.people}`, 'x')).rejects.toMatchObject({ code: 49 });
    await expect(user.search(server.people, '(uid=jane)')).rejects.toMatchObject({ code: 50 });
    await user.bind(dn, 'sécret');
    const [found] = await user.search(server.people, '(uid=jane)');
    expect(found).toEqual({ objectClass: ['inetOrgPerson'], uid: ['jane'], mail: [jane.mail] });
    await expect(user.remove(dn)).rejects.toMatchObject({ code: 50 });
    expect(server.connections()).toBe(2);
  });

  it('keeps names and unique attributes apart', async () => {
    const { server, client, dn } = await asAdmin();
    await client.add(dn, jane);
    const { people } = server;
    await expect(client.add(dn.toUpperCase(), jane)).rejects.toMatchObject({ code: 68 });
    await expect(client.add(`cn=other,${people}`, { ...jane, mail: 'o@example.com' })).rejects.toMatchObject({
      code: 19,
    });
    await client.add(`uid=john,${people}`, { ...jane, uid: 'john', mail: 'john@example.com' });
    const taken = client.modify(`uid=john,${people}`, 'replace', 'mail', ['JANE@example.com']);
    await expect(taken).rejects.toMatchObject({ code: 19 });
    await expect(client.remove(`uid=nobody,${people}`)).rejects.toMatchObject({ code: 32 });
    await expect(client.remove(people)).rejects.toMatchObject({ code: 66 });
  });
});

it('is trusted through its authority alone', async () => {
  const server = await start({ tls: certificates.server });
  const client = connect(server, { ca: createCertificates().ca });
  await expect(client.bind(server.admin.dn, server.admin.password)).rejects.toMatchObject({
    code: expect.stringMatching(/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/),
  });
});
