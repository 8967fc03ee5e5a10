// Asks MDN's HTTP Observatory about local servers: addresses in on stdin, its verdicts out on stdout. A process of its own, so that it trusts the
// test's authority (NODE_EXTRA_CA_CERTS) and this project does not carry its packages.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { text } from 'node:stream/consumers';

const home = join(process.argv[2], 'node_modules', '@mdn', 'mdn-http-observatory');
// Lists that its install script would download; none of our names stands in them.
for (const name of ['hsts-preload.json', 'tld-list.json']) {
  const path = join(home, 'conf', name);
  if (!existsSync(path)) writeFileSync(path, '{}');
}
const load = (path) => import(pathToFileURL(join(home, path)).href);
const { retrieve } = await load('src/retriever/retriever.js');
const { ALL_TESTS } = await load('src/constants.js');

const verdicts = [];
for (const { httpPort, httpsPort } of JSON.parse(await text(process.stdin))) {
  const seen = await retrieve('localhost', { httpPort, httpsPort });
  const results = ALL_TESTS.map((test) => test(seen));
  verdicts.push(
    Object.fromEntries(results.map((r) => [r.constructor.name, { pass: r.pass, result: r.result }])),
  );
}
process.stdout.write(JSON.stringify(verdicts));
