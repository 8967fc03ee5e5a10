import { getRequestListener } from '@hono/node-server';
import { makeAuthority } from '../../sample/certificates.ts';
import {
  BULK_HOST,
  openSamplePlatform,
  type SamplePlatform,
  type SamplePlatformOptions,
  SHOPIFY_DOMAIN,
} from '../../sample/shopify/platform.ts';
import { httpsServer } from './servers.ts';

export interface RunningPlatform {
  readonly platform: SamplePlatform;
  /** How it is reached: what an operator would write under `reach`. */
  readonly reach: {
    readonly allowNetworks: readonly string[];
    readonly extraCa: readonly string[];
    readonly resolver: string | null;
    readonly connectTo: Readonly<Record<string, string>>;
  };
  close(): Promise<void>;
}

/** The simulated Shopify behind TLS under its own names. */
export async function startShopify(
  options: Partial<SamplePlatformOptions> & { readonly deliverTo?: () => string | null } = {},
): Promise<RunningPlatform> {
  const domain = options.domain ?? SHOPIFY_DOMAIN;
  const platform = openSamplePlatform({ deliverTo: () => null, scopes: [], ...options });
  const authority = await makeAuthority();
  const pem = await authority.issue([domain, BULK_HOST]);
  const listen = getRequestListener(platform.app.fetch);
  const server = await httpsServer({ ...pem }, (request, response) => void listen(request, response));
  const at = `127.0.0.1:${server.port}`;
  return {
    platform,
    reach: {
      allowNetworks: ['127.0.0.1'],
      extraCa: [authority.ca],
      resolver: null,
      connectTo: { [`${domain}:443`]: at, [`${BULK_HOST}:443`]: at },
    },
    async close() {
      platform.sender.close();
      await server.close();
    },
  };
}
