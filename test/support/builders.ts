import { openOutbound, type Outbound, type OutboundPolicy } from '#outbound';
import type { SampleShop } from '../../sample/world.ts';

const USER_AGENT = 'LoupeLook/test';

/** A way out that reaches a sample shop. */
export function outboundTo(shop: SampleShop, more: Partial<OutboundPolicy> = {}): Outbound {
  return openOutbound({ ...shop.reach, userAgent: USER_AGENT, ...more });
}

/** A way out to loopback, for servers that a test started. */
export function outboundToLoopback(more: Partial<OutboundPolicy> = {}): Outbound {
  return openOutbound({
    allowNetworks: ['127.0.0.0/8'],
    extraCa: [],
    resolver: null,
    connectTo: {},
    userAgent: USER_AGENT,
    ...more,
  });
}
