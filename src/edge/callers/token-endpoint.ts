// The token endpoint (RFC 6749, sections 3.2, 4.4 and 5): client credentials only, by HTTP Basic or in the form.
import type { Head } from '../message/head.ts';
import type { TokenAuthority } from './client-token.ts';

/** A form longer than this is no token request. */
export const MAX_FORM_BYTES = 4_096;

export interface TokenAnswer {
  readonly status: 200 | 400 | 401;
  readonly body: { readonly [name: string]: string | number };
  /** The client that got a token, or null. */
  readonly client: string | null;
}

const failed = (error: string, status: 400 | 401 = 400): TokenAnswer => ({
  status,
  body: { error },
  client: null,
});

export async function answerTokenRequest(
  authority: TokenAuthority,
  head: Head,
  body: Uint8Array,
  now: number,
): Promise<TokenAnswer> {
  const type = head.by.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (head.method !== 'POST' || type !== 'application/x-www-form-urlencoded')
    return failed('invalid_request');
  const form = new URLSearchParams(Buffer.from(body).toString('latin1'));
  const repeated = [...new Set(form.keys())].some((name) => form.getAll(name).length > 1);
  if (repeated) return failed('invalid_request');
  if (form.get('grant_type') !== 'client_credentials') return failed('unsupported_grant_type');
  const basic = basicOf(head.by.get('authorization'));
  const inForm =
    form.get('client_id') === null ? null : { id: form.get('client_id'), secret: form.get('client_secret') };
  // One way at a time (RFC 6749, section 2.3).
  if (basic !== null && inForm !== null) return failed('invalid_request');
  const { id, secret } = basic ?? inForm ?? { id: null, secret: null };
  if (id === null || secret === null) return failed('invalid_client', 401);
  const asked =
    form
      .get('scope')
      ?.split(' ')
      .filter((scope) => scope !== '') ?? null;
  const granted = await authority.grant(id, secret, asked, now);
  if (granted === null) return failed('invalid_client', 401);
  if (asked !== null && granted.scopes.length < asked.length) return failed('invalid_scope');
  return {
    status: 200,
    body: {
      access_token: granted.token,
      token_type: 'Bearer',
      expires_in: granted.expiresInS,
      scope: granted.scopes.join(' '),
    },
    client: id,
  };
}

/** Name and secret of HTTP Basic, form-encoded inside as RFC 6749 section 2.3.1 asks; null where there is none. */
function basicOf(header: string | undefined): { readonly id: string; readonly secret: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/iu.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const [, id, secret] = /^([^:]*):(.*)$/su.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (id === undefined || secret === undefined) return null;
  return { id: decode(id), secret: decode(secret) };
}

function decode(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}
