import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTarget } from '../target.ts';
import { clientHello, readAnswer } from './client-hello.ts';
import { readPage } from './html.ts';
import { librariesIn } from './libraries.ts';
import { mayFetch } from './robots.ts';

describe('a shop’s address', () => {
  it.each([
    ['shop.example', 'https://shop.example/', 'shop.example'],
    ['  https://WWW.Shop.Example/path?q ', 'https://www.shop.example/path?q', 'shop.example'],
    ['http://shop.example', 'https://shop.example/', 'shop.example'],
    ['https://shop.example:8443/', 'https://shop.example:8443/', 'shop.example'],
    ['shop.co.uk', 'https://shop.co.uk/', 'shop.co.uk'],
    ['ring.myshopify.com', 'https://ring.myshopify.com/', 'ring.myshopify.com'],
    ['schmück.example', 'https://xn--schmck-6ya.example/', 'xn--schmck-6ya.example'],
    ['https://192.0.2.7', 'https://192.0.2.7/', null],
    ['https://[2001:db8::7]/', 'https://[2001:db8::7]/', null],
  ])('is read from %j', (typed, url, domain) => {
    const target = readTarget(typed);
    expect([target.url.href, target.domain]).toEqual([url, domain]);
  });

  it.each([
    '',
    ' ',
    'shop',
    'localhost',
    'ftp://shop.example',
    'javascript:alert(1)',
    'https://user:pw@shop.example',
    'a b.example',
    'https://',
    `${'a'.repeat(3000)}.example`,
  ])('is not read from %j', (typed) => {
    expect(() => readTarget(typed)).toThrow(expect.objectContaining({ code: 'look/not-an-address' }));
  });
});

describe('a TLS hello', () => {
  it('is answered by any bytes at all without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const answer = readAnswer(Buffer.from(bytes));
        expect(answer === null || ['hello', 'alert', 'other'].includes(answer.kind)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is answered by a mutated hello without harm', () => {
    const hello = Buffer.concat([
      Buffer.from([22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3]),
      Buffer.alloc(32, 7),
      Buffer.from([0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]),
    ]);
    expect(readAnswer(hello)).toEqual({ kind: 'hello', version: 'TLS 1.3', suite: 0x1301 });
    fc.assert(
      fc.property(fc.nat(hello.byteLength - 1), fc.nat(255), fc.nat(hello.byteLength), (at, byte, cut) => {
        const bent = Buffer.from(hello);
        bent[at] = byte;
        expect(() => readAnswer(bent.subarray(0, cut))).not.toThrow();
      }),
    );
  });

  it('has a length that is its own', () => {
    for (const version of ['SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'] as const) {
      const hello = clientHello('shop.example', version);
      expect(hello.readUInt16BE(3)).toBe(hello.byteLength - 5);
    }
  });
});

describe('a page', () => {
  const url = new URL('https://shop.example/');

  it('is read for what it loads and asks', () => {
    const { page, links } = readPage(
      `<title> A  shop </title><base href="/x/"><meta name=Generator content="WooCommerce 9">
       <script src="a.js" integrity="sha256-x"></script><script>1</script><script src="//cdn.example/b.js"></script>
       <iframe src="https://pay.example/f"></iframe><img src="http://img.example/i.png"><a href="/cart">Cart</a><a href="https://other.example/">no</a>
       <form method=POST action="http://shop.example/login"><input type=PASSWORD></form>
       <form><input autocomplete="section-a cc-number"></form>`,
      url,
    );
    expect(page).toMatchObject({
      title: 'A shop',
      generator: 'WooCommerce 9',
      inlineScripts: 1,
      scripts: [
        { url: 'https://shop.example/x/a.js', integrity: true },
        { url: 'https://cdn.example/b.js', integrity: false },
      ],
      frames: ['https://pay.example/f'],
      mixed: ['http://img.example/i.png'],
      forms: [
        { action: 'http://shop.example/login', method: 'post', password: true, card: false },
        { method: 'get', password: false, card: true },
      ],
    });
    expect(links).toEqual(['https://shop.example/cart']);
  });

  it('that is deep, huge or broken is read all the same', () => {
    expect(readPage('<div>'.repeat(20_000), url).page.title).toBe('');
    expect(readPage(`<a href="/${'a'.repeat(5_000)}">`.repeat(10), url).links).toEqual([]);
    expect(readPage('<script src="/s.js"></script>'.repeat(1_000), url).page.scripts).toHaveLength(200);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (html) => {
        expect(() => readPage(html, url)).not.toThrow();
      }),
    );
  });
});

describe('script libraries', () => {
  it.each([
    ['https://code.jquery.com/jquery-1.12.4.min.js', null, 'jquery 1.12.4', true],
    ['https://shop.example/app.js', '/*! jQuery v3.4.1 | (c) */', 'jquery 3.4.1', true],
    ['https://shop.example/app.js', '/*! jQuery v3.7.1 | (c) */', 'jquery 3.7.1', false],
    ['https://cdn.jsdelivr.net/npm/bootstrap@4.1.0/dist/js/bootstrap.min.js', null, 'bootstrap 4.1.0', true],
    ['https://cdnjs.cloudflare.com/ajax/libs/moment.js/2.29.1/moment.min.js', null, 'moment 2.29.1', true],
    [
      'https://shop.example/a.js',
      '/*!\n  * Bootstrap v5.3.3 (https://getbootstrap.com/)',
      'bootstrap 5.3.3',
      false,
    ],
  ])('are known by address or text: %s %s', (url, content, name, flawed) => {
    const [library] = librariesIn(url, content);
    expect(`${library?.name} ${library?.version}`).toBe(name);
    expect((library?.advisories.length ?? 0) > 0).toBe(flawed);
  });

  it('are searched for in reasonable time in a text made to be slow', () => {
    for (const nasty of [
      `/*${'*'.repeat(900_000)}`,
      'lodash lodash.com/license '.repeat(40_000),
      '/*! jQuery v'.repeat(80_000),
    ]) {
      expect(librariesIn('https://shop.example/a.js', nasty)).toEqual([]);
    }
  });
});

describe('robots.txt', () => {
  const txt = `User-agent: Googlebot\nDisallow: /\n\nUser-agent: *\nDisallow: /private\nAllow: /private/open\nDisallow: /*.pdf$\n`;

  it.each([
    [txt, 'LoupeLook', '/', true],
    [txt, 'LoupeLook', '/private/x', false],
    [txt, 'LoupeLook', '/private/open/x', true],
    [txt, 'LoupeLook', '/a/b.pdf', false],
    [txt, 'LoupeLook', '/a/b.pdf?x', true],
    [txt, 'Googlebot', '/', false],
    ['User-agent: a\nUser-agent: LoupeLook\nDisallow: /', 'LoupeLook', '/', false],
    ['Disallow: /', 'LoupeLook', '/', true],
    ['', 'LoupeLook', '/', true],
    ['User-agent: *\nDisallow:', 'LoupeLook', '/', true],
  ])('is understood: %j for %s at %s', (text, robot, path, allowed) => {
    expect(mayFetch(text, robot, path)).toBe(allowed);
  });

  it('costs little, whatever its patterns', () => {
    expect(
      mayFetch(`User-agent: *\nDisallow: /${'*a'.repeat(50_000)}b$`, 'LoupeLook', `/${'a'.repeat(2_000)}`),
    ).toBe(true);
  });
});
