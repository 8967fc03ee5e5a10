// A file on a supplier's server, over SSH (RFC 4251 to 4254) and SFTP version 3. Reading only. The server is known by its host key, which people have from the supplier: there is no authority that would vouch for
// it, so none is guessed. An attacker may hold the server, its name, or the line to it.
import type { Outbound } from '#outbound';
import { feedError } from '../errors.ts';
import type { FetchBounds } from './session.ts';
import { readSftpFile } from './sftp-reader.ts';
import { SshEnded } from './ssh-ended.ts';
import type { SshLogin } from './ssh.ts';

export interface SftpFile extends SshLogin {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

export interface SftpOptions {
  readonly outbound: Outbound;
  readonly bounds: FetchBounds;
  readonly signal: AbortSignal;
}

/** Beyond what the file brought, a server says hello, answers what is on its way, and frames. Whoever sends more is not listened to. */
const UNASKED_BYTES = 8 * 1024 * 1024;

/** The bytes of a file. Throws `feeds/not-fetched`: `host-key` with the one that was seen, `credentials`, `no-file`, or as any download does. */
export async function* sftpFile(file: SftpFile, options: SftpOptions): AsyncGenerator<Uint8Array> {
  const { outbound, bounds, signal } = options;
  const fail = (why: string, more: Readonly<Record<string, string>> = {}): Error =>
    feedError('feeds/not-fetched', { details: { why, host: file.host, ...more } });

  // 2 MB of code that few shops need.
  const { openSshClient } = await import('./ssh.ts');
  const ending = AbortSignal.any([signal, AbortSignal.timeout(bounds.timeoutMs)]);
  const tcp = await outbound.connect(file.host, file.port, ending);
  if ('ok' in tcp) throw fail(tcp.kind, tcp.code === null ? {} : { code: tcp.code });
  let ended: string | null = null;
  const end = (why: string) => (): void => {
    ended ??= why;
    tcp.destroy();
  };
  const giveUp = end('timeout');
  ending.addEventListener('abort', giveUp, { once: true });
  tcp.setTimeout(bounds.idleMs, giveUp);
  let bytes = 0;
  tcp.on('data', () => {
    if (tcp.bytesRead > 2 * bytes + UNASKED_BYTES) end('malformed-answer')();
  });
  const client = openSshClient(tcp);
  try {
    const channel = await client.subsystem('sftp', file);
    let waitedMs = 0;
    let from = performance.now();
    for await (const piece of readSftpFile(channel, file.path)) {
      waitedMs += performance.now() - from;
      bytes += piece.byteLength;
      if (bytes > bounds.maxBytes) throw fail('too-large');
      if (waitedMs > bounds.idleMs && (bytes * 1_000) / waitedMs < bounds.minBytesPerS) throw fail('timeout');
      yield piece;
      from = performance.now();
    }
  } catch (error) {
    if (ended !== null) throw fail(ended);
    if (error instanceof SshEnded) throw fail(error.why, error.seen === null ? {} : { seen: error.seen });
    // What a message says of its own lengths is not so.
    if (error instanceof RangeError) throw fail('malformed-answer');
    throw error;
  } finally {
    ending.removeEventListener('abort', giveUp);
    client.close();
    tcp.destroy();
  }
}
