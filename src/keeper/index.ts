export { type Keeper, type KeeperOptions, startKeeper } from './keeper.ts';
export { type KeyRing, keyRing } from './keys.ts';
