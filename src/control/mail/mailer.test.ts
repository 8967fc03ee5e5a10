import { inspect } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '#kernel';
import { type TestAuthority, testAuthority } from '../../../test/support/certificates.ts';
import {
  startTestControl,
  type TestControl,
  type TestControlOptions,
} from '../../../test/support/control.ts';
import { type ApiClient, eventually, filesWith } from '../../../test/support/installation.ts';
import { freePort } from '../../../test/support/servers.ts';

interface Got {
  readonly to: string;
  readonly text: string;
  readonly secure: boolean;
}

/** A real mail server: `tls` from the first byte or after STARTTLS; without it, one that never encrypts. */
async function mailServer(
  authority: TestAuthority,
  encryption: 'tls' | 'starttls' | 'none',
  name = 'mail.test',
) {
  const got: Got[] = [];
  const pem = await authority.issue([name]);
  const server = new SMTPServer({
    secure: encryption === 'tls',
    key: pem.key,
    cert: pem.cert,
    authOptional: true,
    hideSTARTTLS: encryption === 'none',
    disabledCommands: encryption === 'none' ? ['STARTTLS'] : [],
    onRcptTo({ address }, _session, done) {
      if (!address.startsWith('nobody')) return done();
      done(Object.assign(new Error(`<${address}>: no such user`), { responseCode: 550 }));
    },
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        const [to] = session.envelope.rcptTo;
        got.push({
          to: to?.address ?? '',
          text: text.replaceAll('=\r\n', '').replaceAll('=3D', '='),
          secure: session.secure,
        });
        done();
      });
    },
  });
  const port = await freePort();
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, got, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** A control that sends through this server, and reaches it and nothing else. */
function controlWith(
  authority: TestAuthority,
  port: number,
  encryption: 'tls' | 'starttls',
): TestControlOptions {
  return {
    publicNames: ['loupe.shop.test'],
    mail: { host: 'mail.test', port, encryption, from: 'loupe@shop.test', user: null, password: null },
    reach: {
      'mail.test': {
        allowNetworks: ['127.0.0.1'],
        extraCa: [authority.ca],
        resolver: null,
        connectTo: { [`mail.test:${port}`]: `127.0.0.1:${port}` },
      },
    },
  };
}

describe.each(['tls', 'starttls'] as const)('questions by mail, over %s', (encryption) => {
  let authority: TestAuthority;
  let mail: Awaited<ReturnType<typeof mailServer>>;
  let t: TestControl;
  let owner: ApiClient;
  let base: string;

  beforeAll(async () => {
    authority = await testAuthority();
    mail = await mailServer(authority, encryption);
    t = await startTestControl(controlWith(authority, mail.port, encryption));
    owner = await t.owner();
    const added = await owner.call('POST', '/api/v1/shops', { address: 'https://one.example', name: 'One' });
    base = `/api/v1/shops/${added.json.shop.id}`;
  });
  afterAll(async () => {
    await t.close();
    await mail.close();
  });

  it('go out with the link, and the link lies nowhere readable on the way', async () => {
    const sent = await owner.call('POST', `${base}/asks`, {
      questionnaire: 'developer',
      to: 'Dev',
      email: 'dev@agency.test',
    });
    expect(sent.json).toMatchObject({ mailed: true, reachable: true });
    expect(sent.json.link).toMatch(/^https:\/\/loupe\.shop\.test\/ask\/[\w-]{43}$/u);
    const got = await eventually(async () => mail.got[0] ?? null);
    expect(got).toMatchObject({ to: 'dev@agency.test', secure: true });
    expect(got.text).toContain(sent.json.link);
    expect(filesWith(t.folder, [sent.json.link.split('/').at(-1)])).toEqual([]);
  });

  it('are reminded of three times, with the same link, and then no more', async () => {
    const before = mail.got.length;
    const sent = await owner.call('POST', `${base}/asks`, {
      questionnaire: 'developer',
      to: 'V',
      email: 'v@vendor.test',
      days: 60,
    });
    await eventually(async () => mail.got.length > before);
    for (let day = 0; day < 50; day += 1) {
      t.clock.advance(DAY_MS);
      await t.control.keepPromises();
    }
    const own = await eventually(async () => {
      const found = mail.got.filter((m) => m.to === 'v@vendor.test');
      return found.length >= 4 ? found : null;
    });
    expect(own).toHaveLength(4);
    for (const one of own) expect(one.text).toContain(sent.json.link);
  });
});

describe('what ends', () => {
  it('is mailed to the owners once when it is near, and once when it is past', async () => {
    const authority = await testAuthority();
    const mail = await mailServer(authority, 'tls');
    const t = await startTestControl(controlWith(authority, mail.port, 'tls'));
    const owner = await t.owner();
    await owner.call('PUT', '/api/v1/me/credentials', {
      name: 'Anna',
      email: 'anna@shop.test',
      password: 'seven stones in a ring',
    });
    const added = await owner.call('POST', '/api/v1/shops', { address: 'https://one.example', name: 'One' });
    const base = `/api/v1/shops/${added.json.shop.id}`;
    await owner.call('POST', `${base}/vendors`, {
      name: 'Feed',
      kind: 'feed',
      contractUntil: t.clock.now() + 40 * DAY_MS,
    });
    for (let day = 0; day < 50; day += 1) {
      t.clock.advance(DAY_MS);
      await t.control.keepPromises();
    }
    const got = await eventually(async () => (mail.got.length >= 2 ? mail.got : null));
    expect(got).toHaveLength(2);
    expect(got.map((m) => m.to)).toEqual(['anna@shop.test', 'anna@shop.test']);
    expect(got[0]?.text).toMatch(/The contract with Feed: ends/u);
    expect(got[1]?.text).toMatch(/The contract with Feed: ended/u);
    await t.close();
    await mail.close();
  });
});

describe('a mail server', () => {
  it.each(['that never encrypts', 'whose certificate is another’s'])('%s gets nothing', async (what) => {
    const authority = await testAuthority();
    const wrong = what.startsWith('whose');
    const mail = await mailServer(authority, wrong ? 'tls' : 'none', wrong ? 'other.test' : 'mail.test');
    const t = await startTestControl(controlWith(authority, mail.port, wrong ? 'tls' : 'starttls'));
    const owner = await t.owner();
    const added = await owner.call('POST', '/api/v1/shops', { address: 'https://one.example' });
    await owner.call('POST', `/api/v1/shops/${added.json.shop.id}/asks`, {
      questionnaire: 'developer',
      to: 'Dev',
      email: 'dev@agency.test',
    });
    await eventually(async () => t.errors.length > 0);
    expect(mail.got).toEqual([]);
    expect(String(t.errors[0])).not.toContain('/ask/');
    await t.close();
    await mail.close();
  });

  it('that refuses a recipient does not bring their address into the log', async () => {
    const authority = await testAuthority();
    const mail = await mailServer(authority, 'tls');
    const t = await startTestControl(controlWith(authority, mail.port, 'tls'));
    const owner = await t.owner();
    const added = await owner.call('POST', '/api/v1/shops', { address: 'https://one.example' });
    await owner.call('POST', `/api/v1/shops/${added.json.shop.id}/asks`, {
      questionnaire: 'developer',
      to: 'Dev',
      email: 'nobody@agency.test',
    });
    await eventually(async () => t.errors.length > 0);
    const [told] = t.errors;
    expect(String(told)).toMatch(/not taken with 550/u);
    expect(inspect(told, { depth: 9 })).not.toMatch(/nobody|agency/u);
    await t.close();
    await mail.close();
  });
});
