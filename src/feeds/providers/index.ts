import { idex, idexGrown } from './idex.ts';
import { idexLegacy } from './idex-legacy.ts';
import { SUPPLIER_LIST, supplierProvider, type SupplierList } from './supplier-list.ts';
import { nivoda, nivodaGrown } from './nivoda.ts';
import type { LiveProvider, Provider } from './provider.ts';
import { rapnetInstant } from './rapnet-instant.ts';
import { rapnet } from './rapnet.ts';

/** Every provider that Loupe knows by itself; a new one is one file and its line here. */
export const PROVIDERS: readonly Provider[] = [rapnet, idex, idexGrown, idexLegacy, nivoda, nivodaGrown];

/** Those that are asked anew for each shopper. */
export const LIVE_PROVIDERS: readonly LiveProvider[] = [rapnetInstant];

/** The provider of a feed that is loaded: one of the list, or what people said of one that is not. Null where there is none such. */
export function providerOf(id: string, list: SupplierList | null): Provider | null {
  if (id === SUPPLIER_LIST) return list === null ? null : supplierProvider(list);
  return list === null ? (PROVIDERS.find((known) => known.id === id) ?? null) : null;
}
