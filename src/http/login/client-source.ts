import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/**
 * The network that an end user's request came from: an IPv4 address, or the /64 of an IPv6 address, which is what one
 * subscriber has. Known only where a trusted proxy, the auth server itself for one, says so in X-Forwarded-For: whoever
 * calls this API is a server, and its own address is everybody's. Addresses are read from the right, and the first that
 * is no trusted proxy's is the one: what stands further left anyone may have written.
 */
export function clientSource(req: Request): string | undefined {
  const isTrusted = req.app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  const { ip } = req;
  if (ip === undefined || ip === req.socket.remoteAddress || isTrusted(ip, 0)) return undefined;
  // Some proxies add the port.
  const address = ip.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1').replace(/^\[(.*)\](?::\d+)?$/, '$1');
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
