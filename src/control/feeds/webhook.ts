// Standard Webhooks (standardwebhooks.com, 1.0): who gets a message can tell that it is ours, and whether it had it before.
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

export function webhookSecret(bytes: Uint8Array): string {
  return `${PREFIX}${Buffer.from(bytes).toString('base64')}`;
}

/** The headers of a message. `secret` as `webhookSecret` wrote it; `id` the same however often the message is sent; `seconds` since 1970. */
export function webhookHeaders(
  secret: string,
  id: string,
  seconds: number,
  body: string,
): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}
