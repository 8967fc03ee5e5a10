import { idex, idexGrown } from './idex.ts';
import type { Provider } from './provider.ts';
import { rapnet } from './rapnet.ts';

/** Every provider that Loupe knows; a new one is one file and its line here. */
export const PROVIDERS: readonly Provider[] = [rapnet, idex, idexGrown];
