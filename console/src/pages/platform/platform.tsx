import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { Connect } from './connect.tsx';
import { ConnectKey } from './connect-key.tsx';
import { Connected } from './connected.tsx';
import { PrivacyRequests } from './privacy.tsx';
import { Stock } from './stock.tsx';

const POLL_MS = 1_500;

/** The shop's platform: connecting it, what is watched and what is closed, the lists kept by hand, customers' demands. */
export function PlatformPage() {
  const { shop } = useParams({ from: '/shops/$shop/platform' });
  const view = useQuery({
    queryKey: ['platform', shop],
    queryFn: () => api.platform(shop),
    // Until it was read for the first time there is something to wait for.
    refetchInterval: (query) => {
      const platform = query.state.data?.platform;
      return platform !== null && platform !== undefined && platform.readAt === null ? POLL_MS : false;
    },
  });
  const { data } = view;
  return (
    <Frame title="Your shop’s platform">
      <ShopLinks shop={shop} />
      <ProblemNote error={view.error} />
      {data === undefined ? null : data.platform !== null ? (
        <Connected shop={shop} platform={data.platform} view={data} />
      ) : (
        <>
          {data.offered.length === 0 ? (
            <p>
              There is no connection for what your shop runs on. Looks from outside see what its pages load,
              and that is on the page “Changes”.
            </p>
          ) : null}
          {data.offered.map((one) =>
            one === 'shopify' ? (
              <Connect key={one} shop={shop} view={data} />
            ) : (
              <ConnectKey
                key={one}
                shop={shop}
                platform={one}
                sample={one === 'woocommerce' ? data.sample : null}
              />
            ),
          )}
        </>
      )}
      {data !== undefined && (data.platform !== null || data.offered.length > 0) ? (
        <Stock shop={shop} />
      ) : null}
      {data !== undefined && data.platform?.kind === 'shopify' ? <PrivacyRequests shop={shop} /> : null}
    </Frame>
  );
}
