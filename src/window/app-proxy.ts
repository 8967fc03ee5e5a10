// What Shopify's app proxy adds to a query: five names of its own, which the edge has checked before (https://shopify.dev/docs/apps/build/online-store/app-proxies). They ask nothing of the window.
const OWN = ['shop', 'path_prefix', 'timestamp', 'signature', 'logged_in_customer_id'];

/** Where the shop's own pages have it: `/apps/…`, as the proxy was set up. */
const PREFIX = /^\/(?:apps|a|community|tools)\/[A-Za-z0-9-]{1,60}$/u;

export interface Proxied {
  /** The query, less what the proxy added. */
  readonly asked: URLSearchParams;
  /** Null where it did not come through the proxy. */
  readonly prefix: string | null;
}

/** Takes what the proxy added out of a query. */
export function proxied(query: URLSearchParams): Proxied {
  const asked = new URLSearchParams([...query].filter(([name]) => !OWN.includes(name)));
  const prefix = query.get('path_prefix') ?? '';
  return { asked, prefix: PREFIX.test(prefix) ? prefix : null };
}
