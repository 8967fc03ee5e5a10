import type { Problem } from '@loupe/contract';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { LoupeError } from '#kernel';

/** The one table from codes to HTTP. A code that is not here is 500: it was not meant for a caller. */
const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  'control/not-found': 404,
  'control/not-signed-in': 401,
  'control/not-allowed': 403,
  'control/wrong-credentials': 401,
  'control/locked': 429,
  'control/setup-link-invalid': 410,
  'control/weak-password': 422,
  'control/bad-request': 400,
  'control/forged-request': 403,
  'control/conflict': 409,
  'control/invited-elsewhere': 409,
  'control/too-large': 413,
  'control/too-many': 409,
  'control/bad-date': 422,
  'control/gate-shut': 409,
  'control/not-entitled': 422,
  'control/reply-refused': 422,
  'control/not-a-questionnaire': 422,
  'control/file-refused': 422,
  'control/nothing-said': 422,
  'control/platform-refused': 422,
  'control/platform-unreachable': 502,
  'control/say-how': 422,
  'control/delivery-refused': 401,
  'control/busy': 503,
  'platform/not-a-domain': 422,
  'control/not-claimed': 403,
  'look/not-an-address': 422,
  'storage/disk-full': 507,
  'plane/unreachable': 503,
  'plane/timeout': 503,
};

/** An error as problem details (RFC 9457). What was not meant for a caller says only that something failed. */
export function problemOf(error: unknown): { readonly status: ContentfulStatusCode; readonly body: Problem } {
  const known = error instanceof LoupeError ? STATUS[error.code] : undefined;
  if (error instanceof LoupeError && known !== undefined) {
    return {
      status: known,
      body: {
        type: `urn:loupe:error:${error.code}`,
        title: error.message,
        status: known,
        code: error.code,
        hint: error.hint,
      },
    };
  }
  return {
    status: 500,
    body: {
      type: 'urn:loupe:error:control/failed',
      title: 'Something failed here.',
      status: 500,
      code: 'control/failed',
      hint: 'Loupe’s own log says more. Nothing was half done.',
    },
  };
}
