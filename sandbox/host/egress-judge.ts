import type { IpAddress } from '../contract/egress-entry.ts';
import type { EgressRule } from './egress-rules.ts';
import { isInternalName, withoutService } from './internal-names.ts';
import { formsOf, isMetadataService, specialPurpose } from './special-addresses.ts';

export interface EgressLists {
  /** The operator's: what may be reached although it is not public. */
  operator: readonly EgressRule[];
  /** The connection's own, which narrow that. With `allow`, nothing else may be reached. */
  allow: readonly EgressRule[] | undefined;
  deny: readonly EgressRule[];
  /** Public addresses are out of bounds, too: for tests, which touch no network unless they say so. */
  onlyOperator: boolean;
}

/** Why something must not be reached, or undefined. Without a port: why not at any port. */
export interface EgressJudge {
  /** By the connection's own lists, before its addresses are known. */
  againstName(name: string, port?: number): string | undefined;
  /** Before the network is asked for its addresses. */
  againstLookup(name: string, port?: number): string | undefined;
  /** `names`: what it was found under. */
  againstAddress(address: IpAddress, names: readonly string[], port?: number): string | undefined;
  /** By the connection's own lists alone. */
  againstAddressByOwn(address: IpAddress, names: readonly string[], port?: number): string | undefined;
  /** A question to DNS other than for addresses. */
  againstQuestion(name: string): string | undefined;
  /** Whether a list holds for it by name, so that its addresses are to be remembered. */
  isNamed(name: string): boolean;
}

const notInTests = 'is not in egressAllow: sockets of a script under test reach nothing else';
const notListed = "is not in the connection's options.egress.allow";

export function createEgressJudge({ operator, allow, deny, onlyOperator }: EgressLists): EgressJudge {
  const namesAlone = allow?.every(({ kind }) => kind === 'name') ?? false;

  const denied = (port: number | undefined, matches: (rule: EgressRule) => boolean) => {
    const rule = deny.find((each) => (each.port === undefined || each.port === port) && matches(each));
    return rule && `is denied by ${rule.entry} of the connection's options.egress.deny`;
  };

  function againstName(name: string, port?: number): string | undefined {
    const reason = denied(port, (rule) => rule.matchesName(name));
    if (reason) return `${name} ${reason}`;
    if (!namesAlone || allow?.some((rule) => holds(rule, port) && rule.matchesName(name))) return undefined;
    return `${at(name, port)} ${notListed}`;
  }

  /** Under test nothing is asked where no answer could be of use. */
  const reachesNothing = onlyOperator && operator.length === 0;

  function againstLookup(name: string, port?: number): string | undefined {
    return againstName(name, port) ?? (reachesNothing ? `${at(name, port)} ${notInTests}` : undefined);
  }

  function againstAddressByOwn(address: IpAddress, names: readonly string[], port?: number) {
    const forms = formsOf(address);
    const reason = denied(port, (rule) => forms.some(rule.matchesAddress));
    if (reason) return `${address} ${reason}`;
    if (!allow || allow.some((rule) => holds(rule, port) && matches(rule, address, names))) return undefined;
    return `${at(String(address), port)} ${notListed}`;
  }

  function againstAddress(address: IpAddress, names: readonly string[], port?: number) {
    const reason = againstAddressByOwn(address, names, port);
    if (reason) return reason;
    const special = specialPurpose(address);
    if (special === undefined && !onlyOperator) return undefined;
    const isMetadata = isMetadataService(address);
    const isAllowed = operator.some((rule) => {
      if (!holds(rule, port)) return false;
      return isMetadata ? rule.isSingle && rule.matchesAddress(address) : matches(rule, address, names);
    });
    if (isAllowed) return undefined;
    if (onlyOperator) return `${address} ${notInTests}`;
    return `${address} is ${special}${port === undefined ? '' : advice(address, port, special!)}`;
  }

  return {
    againstName,
    againstLookup,
    againstAddress,
    againstAddressByOwn,
    againstQuestion(name) {
      const owner = withoutService(name);
      const reason =
        denied(undefined, (rule) => rule.matchesName(name) || rule.matchesName(owner)) ??
        (allow?.some((rule) => rule.matchesName(name) || rule.matchesName(owner)) === false
          ? notListed
          : undefined);
      if (reason) return `${name} ${reason}`;
      if (reachesNothing) return `${name} ${notInTests}`;
      if (!isInternalName(owner)) return undefined;
      const isKnown = operator.some((rule) => rule.matchesName(name) || rule.matchesName(owner));
      return isKnown ? undefined : `${name} is a name of an internal network`;
    },
    isNamed: (name) => [...operator, ...(allow ?? [])].some((rule) => rule.matchesName(name)),
  };
}

function holds(rule: EgressRule, port: number | undefined): boolean {
  return port === undefined || rule.port === undefined || rule.port === port;
}

function matches(rule: EgressRule, address: IpAddress, names: readonly string[]): boolean {
  return rule.matchesAddress(address) || names.some(rule.matchesName);
}

function at(place: string, port: number | undefined): string {
  if (port === undefined) return place;
  return place.includes(':') ? `[${place}]:${port}` : `${place}:${port}`;
}

/** For the operator whose user store is near by; nobody is advised to open a metadata service. */
function advice(address: IpAddress, port: number, special: string): string {
  if (!['loopback', 'private', 'uniqueLocal'].includes(special)) return '';
  return `; if scripts may reach it, add ${at(String(address), port)} to DRAWBRIDGE_EGRESS_ALLOW`;
}
