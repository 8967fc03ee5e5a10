// What people send to a jeweler's shop: made up from a seed, in many languages, with all that looks dangerous and is not.
import type { HeaderLine } from '#waf';
import type { CaseRequest } from '../crs/cases.ts';

const NAMES = [
  "O'Brien",
  "D'Angelo",
  'Müller-Lüdenscheidt',
  "N'Diaye",
  'Łukasz Wójcik',
  '山田 太郎',
  'Ольга Кузнецова',
  'José María',
  'Þórður',
  'محمد علي',
  'שרה לוי',
  'Anne-Sophie L’Hôte',
  'Mc Donald & Sons',
  'van der Berg',
  'Nguyễn Thị Hoa',
];
const STREETS = [
  '12 Rue de l’Église',
  '221B Baker St',
  'Straße des 17. Juni 135',
  'Av. Paulista, 1578 - 3º andar',
  '1-2-3 Ginza, Chuo-ku',
  '5th Ave & W 57th St',
  'P.O. Box 1234; attn: gifts',
  'Unit #4/27 Union Square',
  'ul. Marszałkowska 1/3',
  'Block A-12, 3rd floor (rear)',
  'c/o O’Neill & Co.',
  'Or Yehuda, HaShita 7',
];
const SEARCHES = [
  'rose gold engagement ring',
  'bague or blanc 18k',
  'anillo de oro y plata',
  'Verlobungsring 585er Gold',
  'золотое кольцо с бриллиантом',
  '钻石戒指 18K金',
  'خاتم ألماس',
  'טבעת אירוסין',
  'ダイヤモンド ネックレス',
  'pierścionek z szafirem',
  "men's wedding band size 10 or 11",
  '1.5 ct VS1 and up',
  'ring < $500',
  'size>7',
  'halo & solitaire',
  '"emerald cut" ring',
  'necklace -silver',
  '14k | 18k',
  'gold/silver',
  'select diamonds',
  'union square earrings',
  'drop earrings',
  'order by phone',
  'top 10 rings',
  'where to buy moissanite',
  'like cartier love bracelet',
  'mother of pearl (large)',
  'gift for her under 100$',
  '50% off',
  'a+b initials',
  'alter ring size',
  'join our club',
  'cast iron',
  'script initial pendant',
  'cat charm',
  'id bracelet',
  'head ring',
  'tail pendant',
  'chain; 18 inch',
  'sleep mask gift set',
  'table cut diamond',
  'having a party',
  'exec gifts',
  'cut: ideal; color: D',
  'system of a down ring',
  'echo pendant',
  'host gift',
  'ping pong charm',
  'more like this',
  'time piece',
  'net weight 3g',
  'kill bill ring',
  'set of 3',
  'find my size',
  'Round (1.5 ct)',
  'Length (18 inches)',
  'cushion, oval and pear',
  '18" with 2 charms',
  '"halo" or solitaire, or another',
  'ring and (optional) box',
  '(gold) or silver',
  '8" by 10" frame',
  'cat charm/pendant',
  'alert (white)',
  'ﾌﾟﾗﾁﾅ リング',
  'on sale now',
  'insert ring',
  'update my order',
];
const ENGRAVINGS = [
  'A & J — 12.06.2026',
  'Forever & always <3',
  'I ♥ U',
  '"You + me"',
  "Don't forget me",
  'To infinity; and beyond!',
  "Mom's #1",
  '∞',
  'XOXO -- S.',
  'Ti amo',
  'L’amour toujours',
  'γνῶθι σεαυτόν',
  '1+1=3',
  '10:24 PM @ Paris',
  'Ps 23:4',
  '/ E & L /',
  '(our song)',
  '{ love }',
  'E=mc²',
  "J'aime",
  '10-10-10',
  'S|M',
  '50% you 50% me',
  '~ Kate ~',
  '*stars*',
  '`98',
  '$ & ¢',
  '…',
  'always = never',
];
const NOTES = [
  'Please don’t ring the bell; leave it with the neighbour (no. 14) and call +1 (555) 010-7788.',
  "It's a surprise! Don't email my wife - use this address instead. Thanks, O'Connor",
  'I’d like 2 or 3 options: 1) yellow gold, 2) rose gold & 3) platinum. Budget: < $2,000.',
  'Could you select a stone from the table below and update me? Colour D–F, clarity VS1 or better, and no fluorescence.',
  'Bitte bis Freitag liefern – Geschenk für unsere Hochzeit am 12.06., danke!\nViele Grüße\nJürgen',
  'Where is my order #100234? It was created on 2026-11-02; the total was $1,299.00 (incl. 19% VAT).',
  'Your site says "in stock" but the cart says 0 = not available?',
  'Q: is the chain 16" or 18"? A: 18" please',
  'Le fermoir s’est cassé… Que faire ? J’ai essayé d’appeler -- personne.',
  '¿Pueden grabar "Te quiero" en la parte interior? ¡Gracias!',
  'この指輪のサイズ直しはできますか?',
  'We ordered from you before and love it!! <3 <3 10/10',
  'Insert size: 7. Delete the engraving, then create a new one; drop the case.',
  'Select your ring from catalog, then delete from cart what you do not like.\nHost: Anna\nWhich one? Head or tail\nid bracelet',
  'Smith, Jackson and Contreras; 1) system (5.1) 2) die (2) Kinder 3) we require (3) photos',
  'My parents\' house -- ring twice! Love and "forever" -- Anna. As seen in "As You Like It"',
  'The script font, not the block one -- see attached.jpg & sketch (1).png',
];
const HTML = [
  '<p>18k <b>rose gold</b> ring with a <em>1.5 ct</em> stone.</p><ul><li>Cut: ideal</li><li>Weight: 3.2&nbsp;g</li></ul>',
  '<h2 style="text-align:center;color:#333">About us</h2><p>Since 1954 &mdash; by hand.</p><img src="https://cdn.shop.example/ring.jpg?v=2&amp;w=800" alt="A ring" width="800">',
  '<table class="specs"><tr><th>Metal</th><td>Platinum 950</td></tr></table><p><a href="https://shop.example/size-guide?unit=mm&amp;lang=en" target="_blank" rel="noopener">Size guide</a></p>',
  '<iframe width="560" height="315" src="https://www.youtube.com/embed/dQw4w9WgXcQ" title="Video" allowfullscreen></iframe>',
  '<!-- seasonal --><div class="banner" data-id="12"><span style="font-weight:bold">Sale</span><br/>Up to 50% off</div>',
];
const GRAPHQL = [
  'query Products($first: Int!) { products(first: $first, query: "tag:ring AND price:<500") { edges { node { id title priceRange { minVariantPrice { amount } } } } } }',
  'mutation cartLinesAdd($cartId: ID!, $lines: [CartLineInput!]!) { cartLinesAdd(cartId: $cartId, lines: $lines) { cart { id totalQuantity } userErrors { field message } } }',
  '{ shop { name } collections(first: 10, sortKey: TITLE) { nodes { handle } } }',
  'fragment F on Product { handle featuredImage { url(transform: {maxWidth: 400}) } } query { product(handle: "halo-ring") { ...F } }',
];
const COOKIES = [
  '_ga=GA1.2.1234567890.1732700000',
  '_ga_ABC123=GS1.1.1732700000.3.1.1732700123.0.0.0',
  '_fbp=fb.1.1732700000000.1234567890',
  'OptanonConsent=isGpcEnabled=0&datestamp=Fri+Nov+27+2026+10%3A00%3A00+GMT%2B0100+(CET)&version=202411.1.0&groups=C0001%3A1%2CC0002%3A0&AwaitingReconsent=false',
  '__utmz=1.1732700000.1.1.utmcsr=(direct)|utmccn=(direct)|utmcmd=(none)',
  'cart=Z2lkOi8vc2hvcGlmeS9DYXJ0L2V4YW1wbGU%3D',
  'locale=de-DE',
  'prefs={"currency":"USD","unit":"mm"}',
  'JSESSIONID=0000aB-cD_eF:1a2b3c4d',
  'recent=["/p/1","/p/2?c=3"]',
  "CookieConsent={stamp:'a1b2==',necessary:true,preferences:false,statistics:false,method:'explicit',ver:1,utc:1732700000000,region:'de'}",
  'sbjs_first=typ%3Dtypein%7C%7C%7Csrc%3D%28direct%29%7C%7C%7Cmdm%3D%28none%29%7C%7C%7Ccmp%3D%28none%29',
  'AMCV_1A2B%40AdobeOrg=179643557%7CMCIDTS%7C20060%7CMCMID%7C123%7CMCAAMB-1%7Cj8Odv6Lon%7CMCOPTOUT-1s%7CNONE%7CvVersion%7C5.5.0',
  'mbox=PC#a1b2.37_0#1795930000|session#c3d4#1732700000',
  'utag_main=v_id:018a$_sn:1$_se:2$_ss:0$_st:1732700000%3Bexp-session',
  '_abck=A1B2~-1~YAAQx/abc+d=~-1~||1-ef-1-10-1000-2||~-1',
  'RT="z=1&dm=shop.example&si=a-b&ss=m&sl=0&tt=0&bcn=%2F%2F1a.akstat.example%2F"',
  'dtPC=1$234567_890h-vABCDEF-0e0',
  's_sq=%5B%5BB%5D%5D',
  'wp-settings-1=editor%3Dtinymce%26libraryContent%3Dbrowse%26posts_list_mode%3Dlist',
  'g_state={"i_l":0,"i_ll":1732700000}',
  'viewed=%5B%7B%22t%22%3A%22Men%27s%20%5C%22Halo%5C%22%20ring%20(14k)%22%7D%5D',
  'last_search=rings%20%26%20%22halo%22%3B%20size%207%20or%208',
  'euconsent-v2=CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA.YAAAAAAAAAAA',
];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Shopify-Captain-Hook',
  'Dalvik/2.1.0 (Linux; U; Android 15; SM-S921B Build/AP3A.240905.015.A2)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/480.0.0.0;]',
];
const PATHS = [
  '/',
  '/collections/rings',
  '/products/halo-ring-14k',
  '/products/o-neill-s-band',
  '/search',
  '/cart/add.js',
  '/account/login',
  '/blogs/news/how-to-clean-silver',
  '/pages/about-us',
  '/checkouts/cn/Z2NwLXVz/information',
  '/de/kollektionen/ringe',
  '/assets/theme.min.js',
  '/cdn/shop/files/ring_800x.jpg',
  '/api/2026-10/graphql.json',
  '/sitemap_products_1.xml',
  '/.well-known/apple-app-site-association',
  '/wp-json/wc/store/v1/cart',
  '/index.php/catalog/product/view/id/12',
  '/products/diamant-1%2C5-karat',
  '/c/anillos-de-compromiso/',
];

const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+').replaceAll("'", '%27');
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

/** As many requests as asked for; `below` gives numbers from a seed. */
export function honestRequests(count: number, below: (bound: number) => number): readonly CaseRequest[] {
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const id = () => `${below(1e9).toString(36)}${below(1e9).toString(36)}`;
  const money = () => `${below(5000)}.${String(below(100)).padStart(2, '0')}`;
  const token = () => Buffer.from(Array.from({ length: 24 }, () => below(256))).toString('base64url');
  const query = (): string => {
    const pairs: (readonly [string, string])[] = [
      ['q', pick(SEARCHES)],
      ['sort_by', pick(['price-ascending', 'price:asc', 'created_at desc', '-price', 'best-selling'])],
      ['page', String(below(40))],
      ['filter.v.price.gte', String(below(500))],
      ['filter[metal][]', pick(['rose gold', 'white & yellow', '14k'])],
      ['utm_source', 'google'],
      ['utm_campaign', pick(['black friday 50% off', 'brand|exact', '{campaign}'])],
      ['gclid', token()],
      ['fbclid', `IwAR${token()}`],
      ['variant', String(below(1e9))],
      ['return_to', pick(['/account?tab=orders', 'https://shop.example/cart?step=2&x=1', '/a/b/../c'])],
      ['size', pick(['7', '7.5', '16"', 'M (52–54)'])],
      ['callback', 'jQuery3_' + below(1e6)],
      ['_', String(below(1e9))],
      ['v', money()],
      ['date', '2026-11-27T10:00:00+01:00'],
      ['range', '0-500'],
      ['fields', 'id,title,price'],
      ['ids', '1,2,3'],
      ['token', token()],
    ];
    return Array.from({ length: below(5) }, () => pick(pairs))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join('&');
  };
  const form = (): string => {
    const fields: (readonly [string, string])[] = [
      ['name', pick(NAMES)],
      ['address', pick(STREETS)],
      ['note', pick(NOTES)],
      ['engraving', pick(ENGRAVINGS)],
      ['email', `${id()}+shop@mail.example`],
      ['phone', '+49 (0)30 / 123-456'],
      ['password', `${token()}'"<;--${below(99)}`.slice(below(4), 20)],
      ['quantity', String(below(9))],
      ['properties[Gravur]', pick(ENGRAVINGS)],
      ['coupon', 'SAVE-10%'],
      ['birthday', '1990/02/28'],
      ['message', `${pick(NOTES)}\n\n${pick(NOTES)}`],
      ['authenticity_token', `${token()}==`],
      ['city', pick(['L’Aquila', 'Saint-Denis', "Coeur d'Alene", 'Select, KY', 'Union'])],
    ];
    return Array.from({ length: 1 + below(6) }, () => pick(fields))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join('&');
  };
  const json = (): string =>
    JSON.stringify(
      pick<() => unknown>([
        () => ({
          items: Array.from({ length: 1 + below(6) }, () => ({
            id: below(1e9),
            quantity: 1 + below(3),
            properties: { Engraving: pick(ENGRAVINGS), _hidden: token() },
          })),
          note: pick(NOTES),
        }),
        () => ({
          query: pick(GRAPHQL),
          variables: {
            first: below(50),
            cartId: `gid://shopify/Cart/${id()}?key=${id()}`,
            lines: [{ merchandiseId: `gid://shopify/ProductVariant/${below(1e9)}`, quantity: 1 }],
          },
          operationName: null,
        }),
        () => ({
          product: {
            title: pick(SEARCHES),
            body_html: pick(HTML),
            price: money(),
            tags: 'ring, gold & silver, <3',
            metafields: [{ key: 'spec', value: '{"w":"1.5 ct","c":"D-F"}' }],
          },
        }),
        () => ({
          event: 'page_view',
          url: `https://shop.example${pick(PATHS)}?${query()}`,
          referrer: 'https://www.google.com/',
          screen: '1920x1080',
          ts: below(1e9),
          props: {
            title: `${pick(SEARCHES)} | Shop – “Jewelry”`,
            error:
              "TypeError: Cannot read properties of undefined (reading 'price') at t.render (theme.min.js:1:23456)",
          },
        }),
        () => ({
          customer: {
            first_name: pick(NAMES),
            addresses: [{ address1: pick(STREETS), zip: '10117', country_code: 'DE' }],
          },
          consent: true,
          marketing: null,
        }),
        () => [
          { op: 'replace', path: '/lines/0/quantity', value: 2 },
          { op: 'add', path: '/note', value: pick(NOTES) },
        ],
        () => ({
          filter: {
            and: [{ field: 'price', lt: 500 }, { or: [{ field: 'metal', in: ['gold', 'silver'] }] }],
          },
          sort: ['-price'],
          q: pick(SEARCHES),
        }),
      ])(),
    );
  const body = (): readonly [string, string] => {
    const kind = below(10);
    if (kind < 4) return ['application/x-www-form-urlencoded', form()];
    if (kind < 8)
      return [
        pick(['application/json', 'application/json; charset=utf-8', 'application/vnd.api+json']),
        latin1(json()),
      ];
    if (kind === 8)
      return [
        'text/xml; charset=utf-8',
        latin1(
          `<?xml version="1.0" encoding="UTF-8"?><order xmlns="http://example.com/o" id="${below(1e6)}"><customer name="${pick(NAMES).replaceAll('&', '&amp;')}"/><note><![CDATA[${pick(NOTES)}]]></note><total currency="USD">${money()}</total></order>`,
        ),
      ];
    const picture = Array.from({ length: 400 }, () => String.fromCharCode(below(256))).join('');
    return [
      'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW',
      `------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name="engraving"\r\n\r\n${latin1(pick(ENGRAVINGS))}\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name="picture"; filename="${latin1(pick(['IMG_1234.JPG', 'ring (1).png', 'sketch v2.1 final.pdf', 'Foto – Anna & Max.jpeg', 'scan.heic']))}"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff${picture}\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n`,
    ];
  };
  return Array.from({ length: count }, () => {
    const post = below(5) < 2;
    const asked = query();
    const headers: HeaderLine[] = [
      ['Host', 'shop.example'],
      ['User-Agent', pick(AGENTS)],
      ['Accept', '*/*'],
      ['Accept-Language', pick(['en-US,en;q=0.9', 'de-DE,de;q=0.8', 'zh-CN,zh;q=0.9', 'fr'])],
      ['Cookie', Array.from({ length: 1 + below(5) }, () => pick(COOKIES)).join('; ')],
      [
        'Referer',
        `https://${pick(['shop.example', 'www.google.com', 'l.instagram.com'])}/${pick(['', `search?q=${encode(pick(SEARCHES))}`, '?u=https%3A%2F%2Fshop.example%2F&h=AT0'])}`,
      ],
      ['X-Requested-With', 'XMLHttpRequest'],
    ];
    if (below(6) === 0) headers.push(['Authorization', `Bearer ${token()}.${token()}.${token()}`]);
    if (below(6) === 0) headers.push(['X-Forwarded-For', `203.0.113.${below(255)}, 198.51.100.2`]);
    if (below(6) === 0)
      headers.push(
        ['sentry-trace', `${id()}-${id()}-1`],
        ['baggage', `sentry-environment=production,sentry-release=theme%401.2.3,sentry-public_key=${id()}`],
      );
    const [type, text] = post ? body() : ['', ''];
    if (post) headers.push(['Content-Type', type], ['Content-Length', String(text.length)]);
    return {
      method: post ? pick(['POST', 'POST', 'PUT', 'PATCH']) : 'GET',
      target: pick(PATHS) + (asked === '' ? '' : `?${asked}`),
      protocol: 'HTTP/1.1',
      headers,
      body: text,
    };
  });
}
