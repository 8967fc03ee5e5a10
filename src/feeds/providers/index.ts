import { idex, idexGrown } from './idex.ts';
import { idexLegacy } from './idex-legacy.ts';
import { SUPPLIER_LIST, supplierProvider, type SupplierList } from './supplier-list.ts';
import { nivoda, nivodaGrown } from './nivoda.ts';
import type { Provider } from './provider.ts';
import { rapnet } from './rapnet.ts';

/** Every provider that Loupe knows by itself; a new one is one file and its line here. */
export const PROVIDERS: readonly Provider[] = [rapnet, idex, idexGrown, idexLegacy, nivoda, nivodaGrown];

/** The provider of a feed: one of the list, or what people said of one that is not. Null where there is none such. */
export function providerOf(id: string, list: SupplierList | null): Provider | null {
  if (id === SUPPLIER_LIST) return list === null ? null : supplierProvider(list);
  return list === null ? (PROVIDERS.find((known) => known.id === id) ?? null) : null;
}
