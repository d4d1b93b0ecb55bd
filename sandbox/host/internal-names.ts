/**
 * Names that no server of the public DNS has anything to say of: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and
 * what networks use without asking (RFC 6762, appendix G). The reverse zones would tell the names of a network's hosts.
 */
const internal = new Set([
  ...['localhost', 'local', 'localdomain', 'invalid', 'onion', 'home.arpa', 'in-addr.arpa', 'ip6.arpa'],
  ...['internal', 'intranet', 'private', 'corp', 'home', 'lan', 'consul'],
]);

/** Whether only a resolver of the network around the service can know a name; one without a dot is looked up there. */
export function isInternalName(name: string): boolean {
  const labels = name.split('.');
  if (labels.length === 1) return true;
  return internal.has(labels.at(-1)!) || internal.has(labels.slice(-2).join('.'));
}

/** `_mongodb._tcp.db.example` is a question about `db.example`. */
export function withoutService(name: string): string {
  return name.replace(/^(?:_[^.]*\.)+/, '');
}
