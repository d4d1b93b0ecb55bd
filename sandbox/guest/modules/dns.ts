import { stubs } from '../not-implemented.ts';

const names =
  'lookup lookupService resolve resolve4 resolve6 resolveAny resolveCname resolveMx resolveNs resolveSrv resolveTxt reverse';

export const dns = {
  ...stubs('dns', `${names} getServers setServers Resolver`),
  promises: stubs('dns.promises', names),
};
