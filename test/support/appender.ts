// Appends leaves to a ledger for ever and prints the number of each once it is acknowledged: for a test that kills it.
import { ed25519Signer } from '#crypto';
import { sha256, steadyClock, utf8 } from '#kernel';
import { openLedger } from '#ledger';

const ledger = await openLedger({
  place: { engine: 'sqlite', path: process.argv[2] ?? '' },
  clock: steadyClock(),
  signerOf: (log) => ed25519Signer(log.origin, sha256(utf8(log.origin))),
});
await ledger.ensureLog('a', false);
let n = ledger.logs()[0]?.size ?? 0;
for (;;) {
  const batch = Array.from({ length: 1 + (n % 7) * 40 }, (_, i) => utf8(`{"n":${n + i}}`));
  const { first, count } = await ledger.append('a', batch);
  n = first + count;
  process.stdout.write(`${n}\n`);
}
