import type { ListWare } from '@loupe/contract';

/** What a feed's rows are called where they are counted. */
export const NOUNS: Readonly<Record<ListWare, { readonly one: string; readonly many: string }>> = {
  stones: { one: 'stone', many: 'stones' },
  settings: { one: 'setting', many: 'settings' },
  pieces: { one: 'piece', many: 'pieces' },
  watches: { one: 'watch', many: 'watches' },
};
