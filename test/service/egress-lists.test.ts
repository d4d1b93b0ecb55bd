import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** Tries the places that it is given as an identifier, by fetch and by a socket, and says how that went. */
const visits = `async function getUser(identifier, context, callback) {
  const net = require('net');
  const viaFetch = (place) => fetch('http://' + place).then((r) => String(r.status), (error) => error.cause.code);
  const viaSocket = (place) => new Promise((done) => {
    const [host, port] = place.split(':');
    const socket = net.connect(Number(port), host, () => { socket.destroy(); done('connected'); });
    socket.on('error', ({ code }) => done(code));
  });
  callback(null, { user_id: '1', app_metadata: { said: [await viaFetch(identifier), await viaSocket(identifier)] } });
}`;

let one: Upstream;
let two: Upstream;
let service: RunningService;

beforeAll(async () => {
  one = await startUpstream((request) => request.answer(200, 'one'));
  two = await startUpstream((request) => request.answer(200, 'two'));
  const withEgress = (name: string, egress?: object) =>
    connectionFiles(name, { get_user: visits }, egress ? { egress } : {});
  service = await startService({
    files: {
      ...withEgress('free'),
      ...withEgress('narrow', { allow: [one.address] }),
      ...withEgress('denied', { allow: ['127.0.0.0/8'], deny: [one.address] }),
      ...withEgress('by-name', { allow: ['db.example:443'] }),
      ...withEgress('wide', { allow: ['0.0.0.0/0', '::/0'] }),
      ...withEgress('other'),
    },
    env: {
      DRAWBRIDGE_EGRESS_ALLOW: ['free', 'narrow', 'denied', 'by-name']
        .flatMap((name) => [`${name}=${one.address}`, `${name}=${two.address}`])
        .join(),
    },
  });
});
afterAll(async () => {
  await service.stop();
  await one.close();
  await two.close();
});
beforeEach(() => {
  one.seen.splice(0);
  two.seen.splice(0);
});

async function visit(connection: string, place: string) {
  const { body } = await service.run(connection, 'get-user', { identifier: place });
  const lines = service.log.lines.filter(
    ({ fields }) => fields.event === 'egress_blocked' && fields.execution === body.execution.id,
  );
  return { said: body.user.app_metadata.said, log: lines.map(({ message }) => message) };
}
const reached = { said: ['200', 'connected'], log: [] };
const refused = (reason: string) => ({
  said: ['ECONNREFUSED', 'ECONNREFUSED'],
  log: [expect.stringContaining(reason), expect.stringContaining(reason)],
});

test('a connection without lists reaches what the operator allows it', async () => {
  expect(await visit('free', one.address)).toEqual(reached);
  expect(await visit('free', two.address)).toEqual(reached);
});

test('an entry of the operator for other connections is none for this one', async () => {
  expect(await visit('other', one.address)).toEqual(refused('127.0.0.1 is loopback'));
  expect(one.seen).toEqual([]);
});

describe('options.egress', () => {
  test('with allow, nothing else is reached, and the log says which list it is', async () => {
    expect(await visit('narrow', one.address)).toEqual(reached);
    expect(await visit('narrow', two.address)).toEqual(
      refused(`${two.address} is not in the connection's options.egress.allow`),
    );
    expect(two.seen).toEqual([]);
  });

  test('deny wins over both that allow', async () => {
    expect(await visit('denied', one.address)).toEqual(
      refused(`is denied by ${one.address} of the connection's options.egress.deny`),
    );
    expect(await visit('denied', two.address)).toEqual(reached);
    expect(one.seen).toEqual([]);
  });

  test('allow opens nothing that the operator has not', async () => {
    expect(await visit('wide', one.address)).toEqual(refused('127.0.0.1 is loopback'));
    expect(one.seen).toEqual([]);
  });

  test('has no name looked up that the list does not have', async () => {
    expect(await visit('by-name', 'secret.evil.example:443')).toEqual(
      refused("secret.evil.example:443 is not in the connection's options.egress.allow"),
    );
  });

  test('holds from the moment that the file is changed', async () => {
    expect(await visit('free', two.address)).toEqual(reached);
    const changed = service.log.line(({ message }) => message === 'connection free changed');
    await service.write(connectionFiles('free', { get_user: visits }, { egress: { deny: [two.address] } }));
    await changed;
    expect((await visit('free', two.address)).said).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    expect(await visit('free', one.address)).toEqual(reached);
  });
});
