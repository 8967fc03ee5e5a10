// Which addresses the public internet reaches. A shop's address, a redirect, a vendor's link: all are words of strangers,
// and must not make Loupe speak to the machine it runs on or to the network behind it.
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** IPv4 blocks that are not globally reachable (IANA special-purpose registry, RFC 6890), with multicast and class E. */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Blocks inside 2000::/3 that lead elsewhere: protocol assignments and Teredo, documentation, 6to4. */
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const specialV4 = blocks(SPECIAL_V4, 'ipv4');
const specialV6 = blocks(SPECIAL_V6, 'ipv6');
const globalV6 = blocks([['2000::', 3]], 'ipv6');

function blocks(list: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const made = new BlockList();
  for (const [net, prefix] of list) made.addSubnet(net, prefix, family);
  return made;
}

/** Whether the public internet reaches this address. False for anything that is not an address. */
export function isPublicAddress(address: string): boolean {
  const plain = unmapped(address);
  if (isIPv4(plain)) return !specialV4.check(plain, 'ipv4');
  if (isIPv6(plain)) return globalV6.check(plain, 'ipv6') && !specialV6.check(plain, 'ipv6');
  return false;
}

/** An IPv4 address written as IPv6 (::ffff:10.0.0.1) is judged as what it is. */
function unmapped(address: string): string {
  const bare = address.replace(/%.*$/u, '');
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/iu.exec(bare)?.[1];
  if (dotted !== undefined) return dotted;
  const hex = /^(?:0{0,4}:){0,5}:?ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/iu.exec(bare);
  const [high, low] =
    hex === null ? [] : [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)];
  if (high === undefined || low === undefined) return bare;
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** Addresses that may be spoken to: the public ones, and networks that an operator allowed by name. */
export interface AddressGate {
  allows(address: string): boolean;
}

/** Networks by address. */
export interface NetworkList {
  has(address: string): boolean;
}

/**
 * Reads a list of addresses and CIDR blocks. One that cannot be read throws a RangeError here, so that a bad rule never silently allows or denies.
 */
export function networkList(networks: readonly string[]): NetworkList {
  const list = new BlockList();
  for (const network of networks) {
    const [net = '', prefixText, ...rest] = network.split('/');
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4';
    const widest = family === 'ipv6' ? 128 : 32;
    const prefix = prefixText === undefined ? widest : Number(prefixText);
    const bad =
      isIP(net) === 0 || rest.length > 0 || !/^\d{1,3}$/u.test(prefixText ?? '0') || prefix > widest;
    if (bad) throw new RangeError(`not a network: ${network}`);
    list.addSubnet(net, prefix, family);
  }
  return {
    has(address) {
      const plain = unmapped(address);
      return isIP(plain) !== 0 && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
    },
  };
}

/** Makes a gate: the public internet, and `networks` (see networkList). */
export function addressGate(networks: readonly string[]): AddressGate {
  const allowed = networkList(networks);
  return { allows: (address) => isPublicAddress(address) || allowed.has(address) };
}
