import type { Json } from '#kernel';
import { fieldsOf } from '#plane';
import { outboundOf, textsIn, type Work } from './tasks.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 4 * 1024;

type Sent =
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: Readonly<Record<string, string | number>> };

/** Sends one message that control has written and signed; any 2xx says that it was taken. Redirects are not followed. */
export async function doWindowHook(task: Json, work: Work): Promise<Sent> {
  const fields = fieldsOf(task);
  const outbound = outboundOf(fields.json('reach'), work.userAgent);
  const answer = await outbound.request({
    url: new URL(fields.text('url')),
    method: 'POST',
    headers: textsIn(fields.json('headers')),
    body: fields.text('body'),
    certificate: 'require',
    maxBodyBytes: MAX_ANSWER_BYTES,
    timeoutMs: TIMEOUT_MS,
    signal: work.signal,
  });
  if (!answer.ok) return { ok: false, failure: { why: answer.kind } };
  const { status } = answer;
  return status >= 200 && status < 300 ? { ok: true } : { ok: false, failure: { why: 'status', status } };
}
