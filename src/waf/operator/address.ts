import { BlockList, isIP } from 'node:net';
import { ArgumentError, type Matcher, type Operator, simple } from './operator.ts';
import { linesOf } from './pattern.ts';

/** Whether an address is in one of some networks; one that cannot be read is an error, never left out. */
function within(networks: readonly string[]): Matcher {
  const list = new BlockList();
  for (const network of networks) {
    const found = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/u.exec(network);
    const address = found?.[1] ?? '';
    const kind = isIP(address);
    const bits = found?.[2] === undefined ? (kind === 4 ? 32 : 128) : Number(found[2]);
    if (kind === 0 || bits > (kind === 4 ? 32 : 128))
      throw new ArgumentError(`${network} is no address and no network`);
    list.addSubnet(address, bits, kind === 4 ? 'ipv4' : 'ipv6');
  }
  // Requests of one connection ask about the same address again and again.
  let latest = { value: '', isWithin: false };
  return simple((value) => {
    if (value === latest.value) return latest.isWithin;
    const kind = isIP(value);
    latest = { value, isWithin: kind !== 0 && list.check(value, kind === 4 ? 'ipv4' : 'ipv6') };
    return latest.isWithin;
  });
}

const fromFile: Operator['make'] = (argument, files) => {
  const text = files.read(argument.trim());
  if (text === null) throw new ArgumentError(`the file ${argument.trim()} is not there`);
  return within(linesOf(text));
};

export const ADDRESS_OPERATORS: readonly Operator[] = [
  { name: 'ipMatch', make: (argument) => within(argument.split(',').map((piece) => piece.trim())) },
  { name: 'ipMatchFromFile', make: fromFile },
  { name: 'ipMatchF', make: fromFile },
];
