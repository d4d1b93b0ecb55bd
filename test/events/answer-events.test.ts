import { expect, test } from 'vitest';
import { answerEvents, EventList } from '../../src/events/answer-events.ts';
import { createEventLog } from '../../src/events/event-log.ts';

let ms = Date.UTC(2026, 0, 1);
const log = createEventLog({ tenant: 'default', now: () => ms });
for (const [type, user_id] of [
  ['s', 'a'],
  ['fp', 'b'],
  ['fu', undefined],
  ['ss', 'a'],
] as const) {
  ms += 24 * 60 * 60 * 1000;
  log.emit({ type, user_id, connection: user_id === 'b' ? 'other' : 'acme', client_id: `client-${type}` });
}

const ask = (search: string, accept?: string) => answerEvents(log, { url: `/v1/events${search}`, accept });
const typesOf = (search: string) =>
  EventList.parse(JSON.parse(ask(search).body)).events.map(({ type }) => type);
const thrown = (search: string) => {
  try {
    ask(search);
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each([
  ['', ['ss', 'fu', 'fp', 's']],
  ['?type=fp,fu', ['fu', 'fp']],
  ['?connection=other', ['fp']],
  ['?user_id=a', ['ss', 's']],
  ['?client_id=client-s', ['s']],
  ['?after=2026-01-03T00:00:00.000Z', ['ss', 'fu']],
  ['?after=2026-01-03T02:00:00%2B02:00&before=2026-01-05', ['fu']],
  ['?before=2026-01-03', ['s']],
  ['?user_id=a&type=s', ['s']],
  ['?user_id=nobody', []],
])('%s selects %j', (search, expected) => {
  expect(typesOf(search)).toEqual(expected);
});

test.each([
  ['?type=fz', /type has fz, which is no type of an event; .*allowed.*: s, f, fp/],
  ['?type=passkey_challenge_start', /did you mean passkey_challenge_started\?|no type of an event/],
  ['?type=gd_auth_suceed', /did you mean gd_auth_succeed\?/],
  ['?type=', /is no type of an event/],
  ['?take=0', /take must be a whole number from 1 to 100/],
  ['?take=101', /take must be a whole number from 1 to 100/],
  ['?take=ten', /take must be a whole number from 1 to 100/],
  ['?after=yesterday', /after must be a date of ISO 8601/],
  ['?from=1', /from must be the log_id of an event/],
  ['?page=2', /page is not a known field; allowed here: type, connection, .*take, from/],
  ['?take=1&take=2', /take is given more than once/],
  ['?connection=', /connection must not be empty/],
])('%s is refused', (search, message) => {
  expect(thrown(search)).toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(message),
    details: { issues: [{ path: expect.any(String) }] },
  });
});

test('lines of JSON have a Link to those that follow', () => {
  const { headers, body } = ask('?type=s,ss&take=1', 'application/json;q=0.5, application/x-ndjson');
  expect(headers['Content-Type']).toBe('application/x-ndjson');
  const [event] = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(event.type).toBe('ss');
  expect(body.endsWith('}\n')).toBe(true);
  const url = /^<(\/v1\/events\?[^>]+)>; rel="next"$/.exec(headers.Link ?? '')?.[1];
  const following = answerEvents(log, { url: String(url), accept: 'application/x-ndjson' });
  expect(JSON.parse(following.body).type).toBe('s');
  expect(following.headers).not.toHaveProperty('Link');
});

test('JSON is answered unless lines are asked for', () => {
  for (const accept of [undefined, '*/*', 'application/json', 'application/x-ndjson;q=0']) {
    expect(ask('', accept).headers['Content-Type']).toBe('application/json; charset=utf-8');
  }
  expect(ask('?user_id=nobody', 'application/x-ndjson').body).toBe('');
});
