// What the scripts and services around a shop send, in their own formats: measuring, advertising, maps, search, page builders, back offices. All of it looks like something.
import type { HeaderLine } from '#waf';
import type { CaseRequest } from '../crs/cases.ts';

const QUERIES = [
  // Measuring and advertising.
  '/g/collect?v=2&tid=G-1A2B3C&gtm=45je4b70v9&_p=1732700000&gcd=13l3l3l3l1l1&npa=0&dma=1&cid=12.34&ul=en-us&sr=1920x1080&uaa=x86&uafvl=Chromium%3B142.0.0.0%7CNot_A%20Brand%3B99.0.0.0&dl=https%3A%2F%2Fshop.example%2Fproducts%2Fring%3Fvariant%3D1%26size%3D7&dt=Men%27s%20ring%20%7C%20Shop&en=view_item&ep.items=%5B%7B%22id%22%3A%22a%22%7D%5D&pr1=idSKU_1~nm%22Halo%22%20ring~pr1299~lp0',
  '/pagead/viewthroughconversion/123/?random=1732&cv=11&fst=1732&bg=ffffff&guid=ON&async=1&u_w=1920&frm=0&url=https%3A%2F%2Fshop.example%2F%3Fq%3Da%2526b&ref=https%3A%2F%2Fwww.google.com%2F&tiba=Rings%20%26%20more&data=event%3Dpage_view%3Becomm_prodid%3D1%3Becomm_totalvalue%3D99.5',
  '/tr/?id=123&ev=ViewContent&dl=https%3A%2F%2Fshop.example%2F&rl=&if=false&ts=1732&cd[content_ids]=%5B%221%22%2C%222%22%5D&cd[content_type]=product&cd[value]=1299.00&cd[Schema.org]=%5B%7B%22dimensions%22%3A%7B%22h%22%3A0%7D%2C%22properties%22%3A%7B%22name%22%3A%22Ring%20(14k)%22%7D%2C%22type%22%3A%22http%3A%2F%2Fschema.org%2FProduct%22%7D%5D&cd[JSON-LD]=%5B%7B%22%40context%22%3A%22https%3A%2F%2Fschema.org%22%2C%22%40type%22%3A%22Product%22%7D%5D&coo=false&exp=k0&rqm=GET',
  '/watch/1?wmode=7&page-url=https%3A%2F%2Fshop.example%2F&charset=utf-8&browser-info=pv%3A1%3Agdpr%3A14%3Avf%3A8xv2o%3Afu%3A0%3Aen%3Autf-8%3Ala%3Aru%3Av%3A1439%3Acn%3A1%3Adp%3A0%3Als%3A1%3Ahid%3A1%3Az%3A180%3Ai%3A20261127%3Aet%3A1%3Ac%3A1%3Arn%3A1%3Arqn%3A1%3Au%3A1%3Aw%3A1920x937%3As%3A1920x1080x24%3Ask%3A1%3Ant%3A2%3Ads%3A0%2C0%2C120%2C1%2C0%2C0%2C%2C500%2C9%2C%2C%2C%2C700%3At%3A%D0%9A%D0%BE%D0%BB%D1%8C%D1%86%D0%B0&t=gdpr(14)clc(0-0-0)rqnt(1)aw(1)rcm(1)cdl(na)eco(1)ti(2)',
  '/matomo.php?action_name=Rings%20%2F%20Gold&idsite=1&rec=1&r=123&h=10&m=5&s=3&url=https%3A%2F%2Fshop.example%2F%23!%2Fa&_cvar=%7B%221%22%3A%5B%22size%22%2C%227%22%5D%7D&ec_items=%5B%5B%22SKU%22%2C%22Ring%20%5C%2214k%5C%22%22%2C%22gold%22%2C1299%2C1%5D%5D&pf_net=0&uadata=%7B%22brands%22%3A%5B%7B%22brand%22%3A%22Not_A%20Brand%22%7D%5D%7D',
  '/b/ss/suite/1/JS-2.26.0/s123?AQB=1&ndh=1&pf=1&t=27%2F10%2F2026%2010%3A0%3A0%205%20-60&D=D%3D&pageName=D%3Dv1&g=https%3A%2F%2Fshop.example%2F&c1=D%3Dv1&v2=%2B1&events=event1%2Cevent2%3D3&products=%3BRing%3B1%3B1299%3B%3BeVar1%3Dgold&c.&a.&activitymap.&page=home&link=Add%20to%20bag&region=main&.activitymap&.a&.c&AQE=1',
  '/track/up?adv=abc&ref=https%3A%2F%2Fshop.example%2F&upid=x&upv=1.1.0&paapi=1&ttd_id={uid}&gdpr=${GDPR}&gdpr_consent=${GDPR_CONSENT_755}',
  '/sync?nid=1&uid=$UID&redir=https%3A%2F%2Fads.example%2Fmatch%3Fid%3D%24%7BUSER_ID%7D%26cb%3D[CACHEBUSTER]%26x%3D%7B%7Buid%7D%7D',
  '/p/action/1.gif?ti=1&Ver=2&mid=a-b&bo=1&sid=c&vid=d&vids=0&msclkid=N&pi=918639831&lg=en-US&sw=1920&sh=1080&sc=24&tl=Rings&p=https%3A%2F%2Fshop.example%2F&r=&lt=900&evt=pageLoad&sv=1&rn=1&cdb=AQAA&prodid=1,2;3',
  '/event/rum?s=%7B%22m%22%3A%7B%22fcp%22%3A912.3%2C%22lcp%22%3A%7B%22el%22%3A%22div%3Enth-child(2)%3Eimg.hero%22%7D%7D%7D&beacon=1',
  '/clear.gif?v=1&cs=UTF-8&a=1;b=2;c=%5B3%5D&d=~0~1~&e=*&f=!0&n=(none)&o=-&x=%252Fa%252Fb',
  // Search, filters, maps, feeds of links.
  "/odata/Products?$filter=Name%20eq%20'Ring'%20and%20Price%20lt%202.55%20or%20startswith(Name,'Gold')&$select=Id,Name&$expand=Category($select=Name)&$orderby=Price%20desc&$top=20&$count=true",
  '/rest/V1/products?searchCriteria[filterGroups][0][filters][0][field]=sku&searchCriteria[filterGroups][0][filters][0][conditionType]=like&searchCriteria[filterGroups][0][filters][0][value]=%25ring%25&searchCriteria[sortOrders][0][direction]=ASC',
  '/solr/select?q=*:*&fq={!tag=metal}metal:(gold OR silver)&fq=price:[10 TO 500]&facet.field={!ex=metal}metal&sort=price asc&wt=json'.replaceAll(
    ' ',
    '%20',
  ),
  '/1/indexes/*/queries?x-algolia-agent=Algolia%20for%20JavaScript%20(4.24.0)%3B%20Browser%20(lite)%3B%20instantsearch.js%20(4.75.0)&facetFilters=%5B%5B%22metal%3AGold%22%2C%22metal%3ASilver%22%5D%2C%5B%22size%3A7%22%5D%5D&highlightPreTag=__ais-highlight__',
  '/maps/embed?pb=!1m18!1m12!1m3!1d2624.99!2d2.29!3d48.85!2m3!1f0!2f0!3f0!3m2!1i1024!2i768!4f13.1!3m3!1m2!1s0x47e66e2964e34e2d%3A0x8ddca9ee380ef7e0!2sTour%20Eiffel!5e0!3m2!1sen!2sfr!4v1732700000',
  '/rest/api/2/search?jql=project%20%3D%20SHOP%20AND%20status%20in%20(%22Open%22%2C%20%22In%20Progress%22)%20AND%20text%20~%20%22ring%22%20ORDER%20BY%20created%20DESC',
  '/voyager/api/graphql?includeWebMetadata=true&variables=(count:10,filters:List((key:resultType,value:List(PEOPLE))),origin:OTHER,q:all,start:0)&queryId=voyagerSearch.abc',
  '/w/load.php?lang=en&modules=ext.cite.styles%7Cext.gadget.a%2Cb%2Cc%7Cjquery%2Cmediawiki&only=styles&skin=vector',
  '/w/api.php?action=query&prop=info|revisions&rvprop=content&titles=C%2B%2B|C%23_(programming)&format=json&redirects=1'.replaceAll(
    '|',
    '%7C',
  ),
  '/search?q=how%20to%20clean%20gold%20%22at%20home%22%20-bleach%20site%3Ashop.example%20OR%20inurl%3Afaq&oq=how%20to&gs_lcrp=EgZjaHJvbWUqBwgAEAAYgAQ&sourceid=chrome&ie=UTF-8',
  '/complete/search?q=diamond%20rings%20under%20%241%2C000&cp=12&client=gws-wiz&xssi=t&authuser=0&dpr=2&pq=drop%20earrings',
  '/photo?url=https%3A%2F%2Fcdn.shop.example%2Fa.jpg%3Fw%3D800%26h%3D600&s=(max-width:600px)100vw,50vw&fit=crop,format(webp),quality(80)&t=w_800,c_fill,g_auto:subject/l_text:Arial_60:Sale%2521',
  '/image/upload/c_scale,w_800/e_blur:300/f_auto,q_auto/v1/rings/halo.jpg',
  '/share?u=https%3A%2F%2Fshop.example%2Fa%3Futm_source%3Dx&title=%22Forever%22%20%26%20always%20%E2%80%93%20%3C3&summary=It%27s%20here%3A%20our%20new%20line%3B%20see%20it%20now!',
  '/login?returnUrl=%2Fconnect%2Fauthorize%2Fcallback%3Fclient_id%3Dspa%26redirect_uri%3Dhttps%253A%252F%252Fshop.example%252Fcallback%26response_type%3Dcode%26scope%3Dopenid%2520profile%26state%3Dabc%26code_challenge%3DE9M%26response_mode%3Dquery',
  '/auth/saml?SAMLRequest=fVJNb9swDP0rhu6y5Y8krRAHyBIMC9CtQZzt0MugyPQqQBZVUW6TfPb6dTE%3D&RelayState=%2Fadmin%3Ftab%3D1',
  '/files?path=%2FShared%20Documents%2FForms%2FAllItems.aspx&RootFolder=%2Fsites%2Fteam%2FDocs%2F2026%20(final)&FolderCTID=0x0120009E&View=%7B1A2B-3C%7D',
  '/a;jsessionid=1A2B3C?p=1&cat=rings;gold&sort=+price,-name&fields=id,name,(price,currency)',
  '/export?columns[]=id&columns[]=name&format=csv&where=status%3Dpaid&from=2026-01-01&to=2026-12-31&order=desc&limit=100&group=month',
  '/cart?add=12:1,13:2&discount=FALL%20%2B%20WINTER&note=Ship%20to%20%22A.%20%26%20B.%22%20--%20thanks&callback=jQuery_1&_=2',
  '/translate?sl=de&tl=en&q=Der%20Ring%20(%2214%20Karat%22)%20ist%20sch%C3%B6n%3B%20bitte%20Gr%C3%B6%C3%9Fe%207%20oder%208%3F%20Das%20System%20(5.1)%20und%20die%20(2)%20Kinder',
] as const;

const FORMS = [
  'f.req=%5B%5B%5B%22rpc%22%2C%22%5Bnull%2C%5B%5B1%2C%5C%22ring%5C%22%2C%5B%5D%5D%5D%2Cnull%2C%5B%5D%5D%22%2Cnull%2C%22generic%22%5D%5D%5D&at=AJ_abc%3A1732&',
  'message=%7B%22actions%22%3A%5B%7B%22id%22%3A%221%3Ba%22%2C%22descriptor%22%3A%22aura%3A%2F%2FRecordUiController%2FACTION%24getRecord%22%2C%22params%22%3A%7B%22recordId%22%3A%22001%22%7D%7D%5D%7D&aura.context=%7B%22mode%22%3A%22PROD%22%2C%22app%22%3A%22one%3Aone%22%7D&aura.token=null',
  'action=heartbeat&_nonce=a1&interval=60&screen_id=product&has_focus=true&data%5Bwp-refresh-post-lock%5D%5Bpost_id%5D=12&data%5Bwp_autosave%5D%5Bcontent%5D=%3C!--%20wp%3Aparagraph%20%7B%22align%22%3A%22center%22%7D%20--%3E%0A%3Cp%20class%3D%22has-text-align-center%22%3EMade%20%3Cstrong%3Eby%20hand%3C%2Fstrong%3E%26nbsp%3B%E2%80%93%20it%27s%20yours.%3C%2Fp%3E%0A%3C!--%20%2Fwp%3Aparagraph%20--%3E',
  'body=%3Cp%20class%3D%22MsoNormal%22%3E%3Cspan%20style%3D%22font-family%3A%26quot%3BCalibri%26quot%3B%2Csans-serif%3B%20mso-fareast-language%3AEN-US%22%3EDear%20all%2C%3Co%3Ap%3E%3C%2Fo%3Ap%3E%3C%2Fspan%3E%3C%2Fp%3E',
  '__VIEWSTATE=%2FwEPDwUKMTY1NDU2MTA1MmRkQ2hpbGQ%3D&__VIEWSTATEGENERATOR=CA0B0334&__EVENTTARGET=ctl00%24Main%24Grid&__EVENTARGUMENT=Sort%24Price&__EVENTVALIDATION=%2FwEdAAQ%3D&ctl00%24Main%24q=ring',
  'log=owner&pwd=Tr0ub4dor%263%27x&wp-submit=Log%20In&redirect_to=https%3A%2F%2Fshop.example%2Fwp-admin%2F&testcookie=1',
  'cmd=_notify-validate&mc_gross=1299.00&payer_email=a%40b.example&item_name=Men%27s%20ring%20%2814k%29%20%231&custom=%7B%22order%22%3A12%7D&txn_type=cart&address_street=12%20Rue%20de%20l%27%C3%89glise%0D%0A2e%20%C3%A9tage',
  'utf8=%E2%9C%93&_method=patch&order%5Bnote%5D=Host%3A%20Anna%0D%0ALocation%20to%20be%20told%0D%0ADate%3A%2012.06.&order%5Btags%5D=gift%2C%20%22rush%22&commit=Update%20order',
  'data=eyJldmVudCI6InZpZXciLCJwcm9wZXJ0aWVzIjp7InRva2VuIjoiYWJjIiwidGl0bGUiOiJSaW5nIn19&ip=1&verbose=1',
  'name=%EF%BE%8C%EF%BE%9F%EF%BE%97%EF%BE%81%EF%BE%85%E3%83%AA%E3%83%B3%E3%82%B0&kana=%EF%BE%94%EF%BE%8F%EF%BE%80%EF%BE%9E%20%EF%BE%80%EF%BE%9B%EF%BD%B3&bank=%EF%BE%90%EF%BD%BD%EF%BE%9E%EF%BE%8E%EF%BE%9E',
  'text=Wow!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!%20(((((((((((((((((((((((so%20nice)))))))))))))))))))))))',
  'company=Smith%2C%20Jackson%20and%20Contreras&trade=Surveyor%2C%20planning%20and%20development&isbn=978-13--2989375-7',
  'note=Select%20your%20ring%20from%20catalog&hint=Delete%20from%20cart&system=Sound%20system%20(5.1)&need=We%20require%20(3)%20photos&sleep=Sleep%20(8%20hours)%20well',
] as const;

const JSONS: readonly unknown[] = [
  {
    query:
      'query P($q: String!) {\n  products(query: $q, first: 5) {\n    nodes {\n      id\n      title\n      host\n      ... on Product @include(if: true) {\n        handle\n        __typename\n      }\n    }\n  }\n}\n',
    variables: { q: 'title:\'rose*\' AND (price:<500 OR tag:"sale")' },
    extensions: { persistedQuery: { version: 1, sha256Hash: 'ab12' } },
  },
  {
    events: [
      {
        event_type: '[Amplitude] Element Clicked',
        event_properties: {
          '[Amplitude] Element Hierarchy': [
            { tag: 'button', classes: ['btn'], attrs: { onclick: 'toggle();return false' } },
            { tag: 'a', attrs: { href: 'javascript:void(0)' } },
          ],
        },
      },
    ],
    options: { min_id_length: 1 },
  },
  {
    ver: '4.0',
    tags: { 'ai.internal.sdkVersion': 'javascript:3.4.4' },
    data: {
      baseData: {
        exceptions: [
          {
            message: "TypeError: can't access property 'price' of undefined; select from list",
            parsedStack: [
              {
                method: 't.render',
                fileName: 'webpack:///../../node_modules/a/index.js',
                assembly: 'at t.render (https://shop.example/theme.min.js:1:23456)',
              },
            ],
          },
        ],
      },
    },
  },
  {
    type: 2,
    data: {
      node: {
        childNodes: [
          {
            tagName: 'img',
            attributes: { src: "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'/>" },
          },
          {
            tagName: 'style',
            childNodes: [
              {
                textContent:
                  '*{font-family:-apple-system,system-ui,sans-serif;box-sizing:border-box}@media(max-width:600px){.g{display:none}}.b{background:url("../../img/b.png")}',
              },
            ],
          },
          { tagName: 'div', attributes: { 'data-props': '{"t":"It\'s great; here, 16\\" or 18\\""}' } },
        ],
      },
    },
  },
  {
    elements: [
      {
        elType: 'widget',
        settings: {
          editor:
            '<p>18k <b>gold</b></p><p>Care: see <a href="../../care.html">here</a>; don\'t use bleach.</p>',
          custom_css: 'selector:hover{transform:scale(1.1)} /* zoom */',
        },
      },
    ],
  },
  {
    aggs: { metal: { terms: { field: 'metal.keyword', size: 10 } } },
    query: {
      bool: {
        must: [{ multi_match: { query: "men's ring", fields: ['title^3', 'body'] } }],
        filter: [{ range: { price: { gte: 10, lte: 500 } } }],
      },
    },
    sort: [{ _score: 'desc' }],
  },
  {
    method: 'set',
    params: { path: '/a/b/../c', regex: '^\\d{3}-\\d{4}$', glob: '**/*.jpg', cron: '0 3 * * *' },
  },
  { name: "O'Brien", bio: 'C# and SQL developer; I select, update & drop things. <3 rings', tz: 'Etc/GMT+1' },
];

const TEXTS = [
  [
    'text/plain;charset=UTF-8',
    '{"sent_at":"2026-11-27T10:00:00Z","dsn":"https://k@o1.ingest.example/1"}\n{"type":"event"}\n{"message":"eval(size) = 8","breadcrumbs":[{"message":"document.cookie of the banner"},{"message":"\'a\' = \'b\'"}]}\n',
  ],
  [
    'application/x-ndjson',
    '{"metadata":{"service":{"name":"shop"}}}\n{"error":{"exception":{"message":"x < y; return"}}}\n',
  ],
  [
    'text/plain',
    'en=scroll&epn.percent_scrolled=90&_et=12\r\nen=page_view&dt=Rings%20%7C%20Host%3A%20Anna\r\n',
  ],
  [
    'application/csp-report',
    '{"csp-report":{"document-uri":"https://shop.example/","violated-directive":"script-src-elem","original-policy":"default-src \'self\'; script-src \'self\' \'unsafe-inline\'; report-uri /csp","blocked-uri":"inline","script-sample":"window.dataLayer=window.dataLayer||[];"}}',
  ],
  ['text/plain', '42["message",{"room":"support","text":"Is it 16\\" or 18\\"? -- Anna & Max\'s"}]'],
  [
    'application/xml',
    '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd"><plist version="1.0"><dict><key>a</key><string>b</string></dict></plist>',
  ],
] as const;

const HEAD: readonly HeaderLine[] = [
  ['Host', 'shop.example'],
  [
    'User-Agent',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  ],
  ['sec-ch-ua', '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'],
  ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
  ['If-None-Match', 'W/"a-\'b\'"'],
  ['Accept-Language', 'en-US,en;q=0.9'],
];

const posted = (type: string, body: string): CaseRequest => ({
  method: 'POST',
  target: '/',
  protocol: 'HTTP/1.1',
  headers: [...HEAD, ['Content-Type', type], ['Content-Length', String(Buffer.byteLength(body))]],
  body: Buffer.from(body, 'utf8').toString('latin1'),
});

export const SERVICE_REQUESTS: readonly CaseRequest[] = [
  ...QUERIES.map((target) => ({ method: 'GET', target, protocol: 'HTTP/1.1', headers: HEAD, body: '' })),
  ...FORMS.map((body) => posted('application/x-www-form-urlencoded', body)),
  ...JSONS.flatMap((body) => [
    posted('application/json', JSON.stringify(body)),
    posted('text/plain', JSON.stringify(body)),
  ]),
  ...TEXTS.map(([type, body]) => posted(type, body)),
];
