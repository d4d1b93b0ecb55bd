import http from 'node:http';
import type { Attack, Family } from '../attack.ts';
import { login } from '../attack.ts';
import { startBeside } from '../network-servers.ts';

/** Ways to write an address that a script must not reach, and ways to be led there. */

const ok = (user_id: string) => ({ code: 'ok' as const, user: { user_id } });

/** What the clients say of one host; `host` as it stands in a URL. */
const everyClient = (name: string, host: string, expected: string): Attack => ({
  name,
  script:
    login(`const axios = require('axios'), http = require('http'), net = require('net'), dns = require('dns');
    const host = ${JSON.stringify(host)}, bare = host.replace(/^\\[|\\]$/g, '');
    const port = Number(configuration.FORBIDDEN), url = 'http://' + host + ':' + port + '/';
    const said = (error) => (error.cause && error.cause.code) || error.code || error.message.split(' ').join('_');
    const tries = [
      () => fetch(url),
      () => axios.get(url),
      () => new Promise((done, fail) => http.get({ host: bare, port }, done).on('error', fail)),
      () => new Promise((done, fail) => net.connect(port, bare, done).on('error', fail)),
    ];
    Promise.all(tries.map(async (attempt) => { try { await attempt(); return 'reached'; } catch (error) { return said(error); } }))
      .then((all) => callback(null, { user_id: [...new Set(all)].sort().join() }));`),
  expect: ok(expected),
  withinMs: 6_000,
});

const refused = 'ECONNREFUSED';

const spellings: Attack[] = [
  everyClient('the loopback', '127.0.0.1', refused),
  everyClient('another address of the loopback', '127.255.255.254', refused),
  everyClient('localhost', 'localhost', refused),
  everyClient('localhost in capitals', 'LocalHost', refused),
  everyClient('a short address', '127.1', refused),
  everyClient('a hexadecimal address', '0x7f.1', refused),
  everyClient('an address of one number', '2130706433', refused),
  everyClient('an octal address', '0177.0.0.01', refused),
  everyClient('an octal number', '017700000001', refused),
  everyClient('zero', '0', refused),
  everyClient('no address', '0.0.0.0', refused),
  everyClient('full-width digits', '１２７.０.０.１', `${refused},ERR_INVALID_CHAR`),
  everyClient('ideographic full stops', '127。0。0。1', `${refused},ERR_INVALID_CHAR`),
  everyClient('IPv6 loopback', '[::1]', refused),
  everyClient('IPv6 loopback in full', '[0:0:0:0:0:0:0:1]', refused),
  everyClient('no IPv6 address', '[::]', refused),
  everyClient('an IPv4-mapped address', '[::ffff:127.0.0.1]', refused),
  everyClient('an IPv4-mapped address in hexadecimal', '[::FFFF:7F00:1]', refused),
  everyClient('an IPv4-compatible address', '[::127.0.0.1]', refused),
  everyClient('a NAT64 address', '[64:ff9b::7f00:1]', refused),
  everyClient('a 6to4 address', '[2002:7f00:1::]', refused),
  everyClient('a metadata service', '169.254.169.254', refused),
  everyClient('a metadata service over IPv6', '[fd00:ec2::254]', refused),
  everyClient('a metadata service with a public address', '168.63.129.16', refused),
  everyClient('a metadata service by NAT64', '[64:ff9b::a83f:8110]', refused),
];

/** A URL as it is, to two clients. */
const url = (name: string, text: string, expected: string): Attack => ({
  name,
  script: login(`const axios = require('axios');
    const url = ${JSON.stringify(text)}.replace(/PORT/g, configuration.FORBIDDEN).replace(/OPEN/g, configuration.PORT);
    const said = (error) => ((error.cause && error.cause.code) || error.code || 'Error').replace('EAI_AGAIN', 'ENOTFOUND');
    const tries = [
      () => fetch(url),
      () => axios.get(url),
    ];
    Promise.all(tries.map(async (attempt) => { try { await attempt(); return 'reached'; } catch (error) { return said(error); } }))
      .then((all) => callback(null, { user_id: all.join() }));`),
  expect: ok(expected),
  withinMs: 6_000,
});

const urls: Attack[] = [
  url('a public name as the user of a URL', 'http://public.example@127.0.0.1:PORT/', 'Error,ECONNREFUSED'),
  url(
    'a public name behind a backslash',
    'http://127.0.0.1:PORT\\@public.example/',
    'ECONNREFUSED,ECONNREFUSED',
  ),
  url(
    'a public name behind a fragment',
    'http://127.0.0.1:PORT#@public.example/',
    'ECONNREFUSED,ECONNREFUSED',
  ),
  url('a tab and a line end in a URL', 'ht\ttp://127.0.0\n.1:PORT/', 'ECONNREFUSED,ECONNREFUSED'),
  url('a percent-encoded host', 'http://%31%32%37.0.0.1:PORT/', 'ECONNREFUSED,ECONNREFUSED'),
  url('a percent-encoded colon', 'http://127.0.0.1%3APORT/', 'ERR_INVALID_URL,ERR_INVALID_URL'),
  url('slashes that are missing', 'http:127.0.0.1:PORT/', 'ECONNREFUSED,ERR_INVALID_URL'),
  url('slashes that are too many', 'http:////127.0.0.1:PORT/', 'ECONNREFUSED,ECONNREFUSED'),
  url('a file', 'file:///etc/passwd', 'Error,ERR_ASSERTION'),
  url('FTP', 'ftp://127.0.0.1:PORT/', 'Error,ERR_BAD_REQUEST'),
  url('gopher', 'gopher://127.0.0.1:PORT/_GET', 'Error,ERR_BAD_REQUEST'),
  url('a unix socket in a URL', 'http://unix:/var/run/docker.sock:/info', 'ENOTFOUND,ENOTFOUND'),
  url(
    'a redirect to where it may not go',
    'http://127.0.0.1:OPEN/to?http://127.0.0.1:PORT/',
    'ECONNREFUSED,ECONNREFUSED',
  ),
  url(
    'a redirect in another spelling',
    'http://127.0.0.1:OPEN/to?//0x7f.1:PORT/',
    'ECONNREFUSED,ECONNREFUSED',
  ),
  url(
    'a redirect to a file',
    'http://127.0.0.1:OPEN/to?file:///etc/passwd',
    'Error,ERR_FR_REDIRECTION_FAILURE',
  ),
  url(
    'a redirect to FTP',
    'http://127.0.0.1:OPEN/to?ftp://127.0.0.1:PORT/',
    'Error,ERR_FR_REDIRECTION_FAILURE',
  ),
  url('redirects without an end', 'http://127.0.0.1:OPEN/loop', 'Error,ERR_FR_TOO_MANY_REDIRECTS'),
];

const script = (name: string, body: string, user_id: string): Attack => ({
  name,
  script:
    login(`const http = require('http'), net = require('net'), dns = require('dns'), axios = require('axios');
    const port = Number(configuration.FORBIDDEN), open = Number(configuration.PORT), host = '127.0.0.1';
    const say = (text) => callback(null, { user_id: String(text) });
    const fail = (error) => say((error.cause && error.cause.code) || error.code || error.message.split(' ').join('_'));
    ${body}`),
  expect: ok(user_id),
  withinMs: 6_000,
});

const ways: Attack[] = [
  script(
    'a proxy of axios',
    "axios.get('http://public.example/', { proxy: { host, port } }).then(() => say('reached'), fail);",
    'ERR_INVALID_URL',
  ),
  script(
    'a proxy of axios that may be reached, for an address that may not',
    "axios.get('http://127.0.0.1:' + port + '/', { proxy: { host, port: open } }).then((r) => say(r.data), fail);",
    'ERR_INVALID_URL',
  ),
  script(
    'a proxy in the environment',
    `process.env.HTTP_PROXY = process.env.http_proxy = 'http://127.0.0.1:' + port;
     axios.get('http://192.0.2.1/').then(() => say('reached'), fail);`,
    'ECONNREFUSED',
  ),
  script(
    'a proxy of request',
    `require('request')({ url: 'http://public.example/', proxy: 'http://127.0.0.1:' + port },
       (error) => error ? fail(error) : say('reached'));`,
    'ERR_INVALID_URL',
  ),
  script(
    'a unix socket by http, axios and net',
    `const tries = [
       () => http.get({ socketPath: '/var/run/docker.sock', path: '/info' }),
       () => net.connect('/var/run/docker.sock'),
       () => net.connect({ path: '/var/run/docker.sock' }),
     ];
     const codes = tries.map((attempt) => { try { attempt(); return 'tried'; } catch (error) { return error.code; } });
     axios.get('http://x/info', { socketPath: '/var/run/docker.sock' })
       .then(() => say('reached'), ({ code, cause }) => say([...codes, (cause && cause.code) || code].join()));`,
    'ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED',
  ),
  script(
    'a look-up of its own that lies',
    `const lookup = (name, options, done) => options && options.all ? done(null, [{ address: host, family: 4 }]) : done(null, host, 4);
     net.connect({ host: 'public.example', port, lookup }, () => say('reached')).on('error', fail);`,
    'ECONNREFUSED',
  ),
  script(
    'an agent that connects by itself',
    "try { http.get({ host, port, createConnection: () => net.connect(port, host) }).on('error', fail); } catch (error) { fail(error); }",
    'ERR_METHOD_NOT_IMPLEMENTED',
  ),
  script(
    'questions to DNS about what is within',
    `const ask = (call, ...args) => new Promise((done) => dns[call](...args, (error) => done(error ? error.code : 'found')));
     Promise.all([ask('resolveTxt', 'secrets.internal'), ask('resolveSrv', '_ldap._tcp.corp'),
       ask('resolveMx', 'db'), ask('resolveNs', 'x.lan'), ask('resolveCname', 'a.home.arpa')])
       .then((all) => say(all.join()));`,
    'ENOTFOUND,ENOTFOUND,ENOTFOUND,ENOTFOUND,ENOTFOUND',
  ),
  script(
    'builtins patched under the clients',
    `URL.prototype.toString = () => 'http://192.0.2.1/'; net.isIP = () => 0;
     net.connect(port, host, () => say('reached')).on('error', (error) => callback(null, { user_id: error.code }));`,
    'ECONNREFUSED',
  ),
  script(
    'a descriptor instead of an address',
    "try { const s = new net.Socket({ fd: 3 }); s.on('error', fail); s.write('x'); say('written:' + s.writable); } catch (error) { fail(error); }",
    'A_socket_of_a_file_descriptor_cannot_be_had_here',
  ),
  script(
    '200 ports, one after the other',
    `let refused = 0;
     (async () => {
       for (let n = 0; n < 200; n++) await new Promise((done) => net.connect(1024 + n, host, done).on('error', ({ code }) => { if (code === 'ECONNREFUSED') refused++; done(); }));
       say(refused);
     })();`,
    '200',
  ),
];

export const family: Family = {
  name: 'addresses',
  attacks: [...spellings, ...urls, ...ways],
  servers: () =>
    startBeside(
      http.createServer((request, response) => {
        const { url: path = '' } = request;
        if (path.startsWith('/to?')) response.writeHead(302, { location: path.slice(4) }).end();
        else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
        else response.end('open');
      }),
    ),
};
