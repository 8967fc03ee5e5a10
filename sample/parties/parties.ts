import { Hono } from 'hono';

/** Only the banner of an old library: what a scanner reads, without its flaws. */
const OLD_LIBRARY = '/*! jQuery UI - v1.11.4 - SAMPLE: the banner only */\n';

/** The third parties around the shops: small scripts that say who they are, and a feed. */
export function partyScripts(careless = false): Hono {
  const app = new Hono();
  const script = (text: string) => `// SAMPLE third party\n${text}\n`;
  app.use(async (c, next) => {
    await next();
    if (!careless) c.res.headers.set('strict-transport-security', 'max-age=31536000');
    c.res.headers.set('access-control-allow-origin', '*');
  });
  const javascript = { 'content-type': 'text/javascript' };
  app.get('/', (c) => c.text('SAMPLE third party'));
  app.get('/widget.js', (c) => c.text(script('globalThis.sampleChat = true;'), 200, javascript));
  app.get('/stars.js', (c) => c.text(script('globalThis.sampleStars = 5;'), 200, javascript));
  app.get('/slider.js', (c) =>
    c.text(script(`${careless ? OLD_LIBRARY : ''}globalThis.sampleSlider = true;`), 200, javascript),
  );
  app.get('/cdn/shop/t/1/assets/theme.js', (c) =>
    c.text(script('globalThis.sampleTheme = true;'), 200, javascript),
  );
  app.get('/api/diamonds', (c) => c.json({ total: 0, items: [], note: 'SAMPLE feed' }));
  return app;
}
