import type { AxiosConfig, AxiosStatic } from './axios-config.ts';
import { isPlain, plainUrl } from './axios-config.ts';
import { AxiosExchange } from './axios-exchange.ts';

/**
 * Makes axios send its requests as one operation of the host each, instead of by a chain of streams. What the fast
 * way does not do exactly as axios' own http adapter does, it leaves to that one.
 */
export function adaptAxios(axios: AxiosStatic): void {
  axios.defaults.adapter = createFastAdapter(axios);
}

function createFastAdapter(axios: AxiosStatic): (config: AxiosConfig) => Promise<unknown> {
  const bare = new axios.Axios({});
  const slow = (config: AxiosConfig) => axios.getAdapter('http')(config);

  return function fastAdapter(config) {
    const url = isPlain(config) ? urlOf(config, bare) : undefined;
    if (url === undefined) return slow(config);
    const headers = axios.AxiosHeaders.from(config.headers).normalize();
    if (headers.has('host')) return slow(config);
    return new Promise((resolve, reject) =>
      new AxiosExchange(axios, config, url, headers, slow).start(resolve, reject),
    );
  };
}

/** undefined where axios' own code is to find out what is wrong. */
function urlOf(config: AxiosConfig, bare: InstanceType<AxiosStatic['Axios']>): string | undefined {
  const url = plainUrl(config);
  if (url === undefined || !config.params) return url;
  try {
    return bare.getUri({ url, params: config.params });
  } catch {
    return undefined;
  }
}
