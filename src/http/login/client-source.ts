import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * The address that an end user's request came from. Known only where a trusted proxy, the auth server itself for one, says so in X-Forwarded-For: whoever
 * calls this API is a server, and its own address is everybody's. Addresses are read from the right, and the first that
 * is no trusted proxy's is the one: what stands further left anyone may have written.
 */
export function clientAddress(req: Request): Address | undefined {
  const isTrusted = req.app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  const { ip } = req;
  if (ip === undefined || ip === req.socket.remoteAddress || isTrusted(ip, 0)) return undefined;
  // Some proxies add the port.
  const address = ip.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1').replace(/^\[(.*)\](?::\d+)?$/, '$1');
  if (!ipaddr.isValid(address)) return undefined;
  return ipaddr.process(address);
}

/** The network of an end user: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber has. */
export function networkOf(address: Address | undefined): string | undefined {
  if (address === undefined || address instanceof ipaddr.IPv4) return address?.toString();
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

export const clientSource = (req: Request): string | undefined => networkOf(clientAddress(req));
