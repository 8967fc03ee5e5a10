// A name server for the sample world, and for nothing else: it answers what it knows and NXDOMAIN to the rest.
import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import packet from 'dns-packet';
import { NAMES } from './names.ts';
import type { Weakness } from './weaknesses.ts';

type Zone = ReadonlyMap<string, readonly packet.Answer[]>;

/** The records of the sample world, by `name type`. */
export function sampleZone(on: ReadonlySet<Weakness>): Zone {
  const zone = new Map<string, packet.Answer[]>();
  const add = (answer: packet.Answer): void => {
    const key = `${answer.name} ${answer.type}`;
    zone.set(key, [...(zone.get(key) ?? []), answer]);
  };
  const txt = (name: string, data: string): void => add({ type: 'TXT', name, ttl: 300, data });
  for (const name of Object.values(NAMES)) add({ type: 'A', name, ttl: 300, data: '127.0.0.1' });

  const domain = NAMES.selfHosted;
  const hosted = NAMES.hosted;
  for (const name of [domain, hosted]) {
    add({ type: 'NS', name, ttl: 300, data: `ns1.${name}` });
    add({ type: 'MX', name, ttl: 300, data: { preference: 10, exchange: `mail.${name}` } });
  }
  if (on.has('open-origin')) add({ type: 'A', name: `origin.${domain}`, ttl: 300, data: '127.0.0.2' });
  if (!on.has('no-spf')) txt(domain, 'v=spf1 mx -all');
  txt(
    `_dmarc.${domain}`,
    `v=DMARC1; p=${on.has('dmarc-none') ? 'none' : 'reject'}; rua=mailto:dmarc@${domain}`,
  );
  if (!on.has('no-dkim'))
    txt(`default._domainkey.${domain}`, 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
  if (!on.has('no-mta-sts')) {
    txt(`_mta-sts.${domain}`, 'v=STSv1; id=1');
    add({ type: 'A', name: `mta-sts.${domain}`, ttl: 300, data: '127.0.0.1' });
  }
  if (!on.has('no-caa'))
    add({ type: 'CAA', name: domain, ttl: 300, data: { tag: 'issue', value: 'authority.test', flags: 0 } });
  if (!on.has('no-dnssec')) add(ds(domain));

  txt(hosted, 'v=spf1 include:_spf.mail.test -all');
  if (!on.has('hosted-no-dmarc')) txt(`_dmarc.${hosted}`, 'v=DMARC1; p=quarantine');
  txt(`google._domainkey.${hosted}`, 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
  txt(`_mta-sts.${hosted}`, 'v=STSv1; id=1');
  add({ type: 'A', name: `mta-sts.${hosted}`, ttl: 300, data: '127.0.0.1' });
  add({ type: 'CAA', name: hosted, ttl: 300, data: { tag: 'issue', value: 'authority.test', flags: 0 } });
  add(ds(hosted));
  return zone;
}

function ds(name: string): packet.Answer {
  return {
    type: 'DS',
    name,
    ttl: 300,
    data: { keyTag: 1, algorithm: 13, digestType: 2, digest: Buffer.alloc(32, 7) },
  };
}

function reply(zone: Zone, message: Buffer): packet.Packet | null {
  let query: packet.DecodedPacket;
  try {
    query = packet.decode(message);
  } catch {
    return null; // not a DNS message: no answer
  }
  const [question] = query.questions ?? [];
  if (question === undefined) return null;
  const name = question.name.toLowerCase();
  const answers = zone.get(`${name} ${question.type}`) ?? [];
  const known = [...zone.keys()].some((key) => key.startsWith(`${name} `) || key.includes(`.${name} `));
  const NXDOMAIN = 3;
  return {
    type: 'response',
    id: query.id ?? 0,
    flags:
      packet.AUTHORITATIVE_ANSWER |
      packet.RECURSION_DESIRED |
      packet.RECURSION_AVAILABLE |
      (known ? 0 : NXDOMAIN),
    questions: [question],
    answers: [...answers],
  };
}

export async function startDns(zone: Zone, port: number): Promise<{ port: number; close(): Promise<void> }> {
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (chunk: Buffer) => {
      const answer = chunk.byteLength > 2 ? reply(zone, chunk.subarray(2)) : null;
      if (answer === null) socket.destroy();
      else socket.end(packet.streamEncode(answer));
    });
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(port, '127.0.0.1', resolve);
  });
  const bound = (tcp.address() as AddressInfo).port;
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    const answer = reply(zone, message);
    if (answer !== null) udp.send(packet.encode(answer), from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(bound, '127.0.0.1', resolve);
  });
  return {
    port: bound,
    async close() {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}
