// The one page for whatever is refused. It says that it was, and under which reference the shop finds out why; nothing of the reason, of the request or of what
// runs here.
import type { Refusal } from '../refusal.ts';
import { REFUSALS } from '../refusal.ts';

export interface RefusalAnswer {
  readonly status: number;
  readonly headers: [name: string, value: string][];
  readonly body: Buffer;
}

const SAYS: Readonly<Record<number, string>> = {
  401: 'This address asks for credentials.',
  404: 'There is nothing at this address.',
  429: 'Too many requests. Please wait a while.',
  502: 'The shop does not answer at the moment.',
  503: 'The shop does not answer at the moment.',
  504: 'The shop does not answer at the moment.',
};

const OTHERWISE = 'This request was not let through.';

/** Problem details (RFC 9457) for programs, a page for people. */
export function refusalAnswer(
  refused: Refusal,
  reference: string,
  accept: string | undefined,
): RefusalAnswer {
  const status = REFUSALS[refused.why];
  const says = SAYS[status] ?? OTHERWISE;
  const html = accept !== undefined && accept.includes('text/html');
  const text =
    status === 200
      ? ''
      : html
        ? `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${says}</title><body style="font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem"><p>${says}</p><p>If you think this is a mistake, tell the shop this reference: <code>${reference}</code></p>`
        : `${JSON.stringify({ type: 'about:blank', status, title: says, reference })}\n`;
  const body = Buffer.from(text);
  const headers: [string, string][] = [
    ['content-type', html ? 'text/html; charset=utf-8' : 'application/problem+json'],
    ['content-length', String(body.byteLength)],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
  ];
  if (refused.retryAfterS !== undefined) headers.push(['retry-after', String(refused.retryAfterS)]);
  for (const [name, value] of Object.entries(refused.headers ?? {})) headers.push([name, value]);
  if (status === 401 && refused.headers?.['www-authenticate'] === undefined)
    headers.push(['www-authenticate', 'Bearer']);
  return { status, headers, body };
}
