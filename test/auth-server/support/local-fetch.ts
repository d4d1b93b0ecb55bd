import { Agent, fetch } from 'undici';

/** Names below `localhost` are this machine to browsers; not every resolver of a system agrees. */
const dispatcher = new Agent({
  connect: {
    lookup: (_host, { all }, done) =>
      all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
  },
});

/** `fetch` for `http://login.acme.localhost:<port>` and the like. */
export const localFetch = (url: string, init: object = {}): Promise<Response> =>
  fetch(url, { ...init, dispatcher }) as unknown as Promise<Response>;
