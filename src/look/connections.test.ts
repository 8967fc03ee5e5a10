import { describe, expect, it } from 'vitest';
import { connectionsIn } from './connections.ts';
import type { DnsLookup, LookEvidence, PageSeen } from './evidence.ts';

const target = { host: 'www.shop.example', domain: 'shop.example' };

const page = (seen: Partial<PageSeen>): PageSeen => ({
  url: 'https://www.shop.example/',
  title: '',
  generator: null,
  scripts: [],
  inlineScripts: 0,
  frames: [],
  forms: [],
  mixed: [],
  ...seen,
});

const lookup = (
  type: string,
  name: string,
  records: readonly string[],
  failure: string | null = null,
): DnsLookup => ({
  name,
  type,
  exists: true,
  records,
  authentic: false,
  failure,
});

function evidence(
  pages: readonly PageSeen[],
  lookups: readonly DnsLookup[],
  platform: string | null = null,
): LookEvidence {
  return {
    tls: { host: '', port: 443, versions: [], weakSuites: [], handshake: null, failure: null },
    web: { plain: [], secure: [], robots: null, securityTxt: [], keptOut: false },
    dns: { domain: 'shop.example', lookups, mtaSts: null },
    page: { rendered: false, notRendered: null, pages, libraries: [] },
    parties: { parties: [], left: 0 },
    origin: { cdn: null, candidates: [] },
    platform: { platform, kind: null, signs: [] },
  };
}

const names = (look: LookEvidence) =>
  connectionsIn(look, target).seen.map((one) => `${one.kind} ${one.name}`);

describe('what is plugged into a shop', () => {
  it('is found in its pages, and its own hosts are not strangers', () => {
    const seen = page({
      scripts: [
        'https://CDN.Reviews.example/a.js',
        'https://static.shop.example/own.js',
        'https://cdn.reviews.example:8443/b.js',
      ].map((url) => ({ url, integrity: false })),
      frames: ['https://chat.example/frame'],
      forms: [{ action: 'https://pay.example/checkout', method: 'post', password: false, card: true }],
    });
    expect(names(evidence([seen], [])).toSorted()).toEqual([
      'form pay.example',
      'frame chat.example',
      'script cdn.reviews.example',
      'script cdn.reviews.example:8443',
    ]);
  });

  it('is found in its names and mail', () => {
    const records = [
      lookup('NS', 'shop.example', ['ns1.domaincontrol.com.', 'ns2.domaincontrol.com.', 'ns.shop.example']),
      lookup('MX', 'shop.example', ['1 aspmx.l.google.com.', '5 mail.shop.example']),
      lookup('CNAME', 'www.shop.example', ['shops.myshopify.com.']),
      lookup('TXT', 'shop.example', [
        'google-site-verification=x',
        'v=spf1 include:_spf.google.com include:sendgrid.net ?include:spf.mandrillapp.com redirect=_spf.klaviyo.com a:mail.shop.example -all',
      ]),
    ];
    expect(names(evidence([], records, 'Shopify')).toSorted()).toEqual([
      'mail-sender _spf.google.com',
      'mail-sender _spf.klaviyo.com',
      'mail-sender sendgrid.net',
      'mail-sender spf.mandrillapp.com',
      'mail-server google.com',
      'name-server domaincontrol.com',
      'network shops.myshopify.com',
      'platform Shopify',
    ]);
  });

  it('is only missed where the look could see: a look that reached nothing takes nothing away', () => {
    expect(connectionsIn(evidence([], [lookup('NS', 'shop.example', [], 'timeout')]), target).looked).toEqual(
      [],
    );
    expect(connectionsIn(evidence([page({})], [lookup('MX', 'shop.example', [])]), target).looked).toEqual([
      'script',
      'frame',
      'form',
      'platform',
      'mail-server',
    ]);
  });

  it('is bounded, whatever a page loads', () => {
    const scripts = Array.from({ length: 5_000 }, (_, i) => ({
      url: `https://h${i}.example/x.js`,
      integrity: false,
    }));
    expect(names(evidence([page({ scripts })], [])).length).toBeLessThanOrEqual(300);
  });
});
