// Who is at the other end. Behind a CDN or load balancer only its own word says so, and only where the operator listed it: whoever believes
// `X-Forwarded-For` from anybody lets everybody choose an address.
import { isIP, isIPv6 } from 'node:net';
import { TextTable } from '#kernel';
import { networkList } from '#outbound';

/** Proxies whose word counts: addresses or CIDR blocks. A bad one throws a RangeError here. */
export interface TrustedProxies {
  /** The client's address, by the connection's and the header: from the right, the first that is not a listed proxy. */
  client(peer: string, forwardedFor: string | undefined): string;
  trusts(peer: string): boolean;
}

const MAX_HOPS = 16;

export function trustedProxies(networks: readonly string[]): TrustedProxies {
  const list = networkList(networks);
  const trusts = (address: string): boolean => list.has(address);
  return {
    trusts,
    client(peer, forwardedFor) {
      let address = plainAddress(peer);
      if (networks.length === 0 || forwardedFor === undefined || !trusts(address)) return address;
      const hops = forwardedFor.split(',').slice(-MAX_HOPS);
      for (const hop of hops.toReversed()) {
        const named = plainAddress(hop.trim().replace(/^\[(.*)\](?::\d+)?$/u, '$1'));
        // Something that is no address ends the chain: what stands left of it is nobody's word.
        if (isIP(named) === 0) return address;
        address = named;
        if (!trusts(address)) return address;
      }
      return address;
    },
  };
}

/** An IPv4 address that came over an IPv6 socket is written as what it is. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** What an address is counted by. */
export interface Units {
  /** An IPv4 address or an IPv6 /64, which one subscriber holds whole. */
  readonly address: string;
  /** The neighbourhood: /24 or /48. */
  readonly prefix: string;
}

const units = new TextTable<Units>(16_384);

export function unitsOf(address: string): Units {
  const found = units.get(address);
  if (found !== undefined) return found;
  const groups = isIPv6(address) ? groupsOf(address) : null;
  const made =
    groups === null
      ? { address, prefix: `${address.split('.').slice(0, 3).join('.')}.0/24` }
      : { address: `${groups.slice(0, 4).join(':')}::/64`, prefix: `${groups.slice(0, 3).join(':')}::/48` };
  units.set(address, made);
  return made;
}

function groupsOf(address: string): string[] {
  const bare = address.replace(/%.*$/u, '');
  const [head = '', tail] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].map((group) =>
    group.replace(/^0+(?=.)/u, '').toLowerCase(),
  );
}
