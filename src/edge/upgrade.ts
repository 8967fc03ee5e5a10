// A request that asks for a WebSocket goes the same way as any other, up to the upstream.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { admit, comesBeside, type Line, type ServeParts } from './admit.ts';
import { inspect } from './firewall/passage.ts';
import { readHead } from './message/head.ts';
import { rawUpgradeHead } from './message/raw-head.ts';
import { onwardHeaders } from './onward.ts';
import { RequestBody } from './proxy/request-body.ts';
import { joinWebSocket, sameOrigin } from './proxy/websocket.ts';
import { isRefusal, type Refusal, refusal, REFUSALS } from './refusal.ts';
import { fit } from './serve.ts';
import { newServed, requestEvent } from './served.ts';

const noBody = async (): Promise<Uint8Array> => new Uint8Array(0);

export async function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  early: Buffer,
  line: Line,
  parts: ServeParts,
): Promise<void> {
  const begin = performance.now();
  const policy = parts.policy();
  const raw = rawUpgradeHead(request);
  const head = readHead(raw);
  const served = newServed(
    parts.proxies.client(line.peer, isRefusal(head) ? undefined : head.by.get('x-forwarded-for')),
    parts.clock.now(),
  );
  const tell = (): void =>
    parts.spool.record(
      served.shop,
      line.self ? 'self-test' : 'request',
      requestEvent(served, policy?.version ?? 0, performance.now() - begin),
    );

  async function through(): Promise<Refusal | null> {
    if (isRefusal(head)) return head;
    if (head.hasBody) return refusal('bad-message', 'body on an upgrade');
    if (policy !== null && comesBeside(head, line, policy, parts)) return refusal('beside-proxy');
    const admitted = await admit(head, line, policy, served, parts, noBody);
    if (isRefusal(admitted)) return admitted;
    const { route, caller } = admitted;
    if (!route.rule.websocket) return refusal('no-upgrade');
    const unfit = await fit(route, head, noBody, served);
    if (unfit !== null) return unfit;
    const body = new RequestBody(request, false);
    const stopped = await inspect(raw, head, body, route, served);
    if (stopped !== null) return stopped;
    if (!sameOrigin(request, head.host)) return refusal('no-upgrade', 'foreign page');
    const headers = onwardHeaders(head, line, route, caller, served, null, false);
    return await joinWebSocket(socket, early, route.upstream, head.path + head.query, headers, (bytes) => {
      served.status = 101;
      served.bytes = bytes;
      tell();
    });
  }

  const refused = await through().catch(() => refusal('proof-undecided', 'fault'));
  if (refused === null) return;
  served.status = REFUSALS[refused.why];
  served.why = refused.why;
  served.detail = refused.detail;
  socket.end(`HTTP/1.1 ${served.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  tell();
}
