// What control offers its edges on a channel: the newest policy down, events up. An edge can say only what an edge sees; it cannot change policy, nor
// speak for another edge's past (an event is known by edge and boot, and the first one stays).
import { base64Of, type Clock, type Json, SECOND_MS } from '#kernel';
import { fieldsOf, type Methods, type PlaneEvent, planeError } from '#plane';
import type { State } from '../state.ts';
import type { EdgeCredentials } from './credentials.ts';
import { type EdgeEvents, readEventLines } from './events.ts';
import type { EdgePolicies } from './policies.ts';
import { postPolicy } from './policy-topic.ts';
import type { RulePacks } from './rule-packs.ts';

export interface EdgePortOptions {
  readonly state: State;
  readonly events: EdgeEvents;
  readonly policies: EdgePolicies;
  readonly packs: Pick<RulePacks, 'bytes'>;
  readonly credentials: EdgeCredentials;
  readonly clock: Clock;
  /** What follows from events; must bear repetition. */
  readonly onEvents: (events: readonly PlaneEvent[]) => Promise<void>;
}

/** How long a poll waits for something new; edges give up later. */
const POLL_MS = 10 * SECOND_MS;
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/u;
const MAX_STATE = 16 * 1024;
const MAX_EDGES = 64;

export function edgeMethods(options: EdgePortOptions): Methods {
  const { state, events, policies, packs, credentials, clock } = options;

  /** Notes that an edge is there. A key that is new gets every secret sealed to it. */
  async function note(params: Json): Promise<void> {
    const fields = fieldsOf(params);
    const name = fields.text('edge');
    if (!NAME.test(name)) throw planeError('plane/malformed', { details: { field: 'edge' } });
    const key = fieldsOf(fields.object('key'));
    const jwk = fieldsOf(key.object('jwk'));
    const own = JSON.stringify({ kty: jwk.text('kty'), crv: jwk.text('crv'), x: jwk.text('x') });
    const text = JSON.stringify(fields.object('state'));
    const refused = fields.json('refused');
    const values = {
      key_id: key.text('id'),
      jwk: own,
      boot: fields.text('boot'),
      version: fields.integer('version'),
      refused: refused === null ? null : fieldsOf(refused).text('why').slice(0, 300),
      state: text.length > MAX_STATE ? '{}' : text,
      seen_at: clock.now(),
    };
    const isNew = await state.transaction(async (tx) => {
      const known = await tx.selectFrom('edge_process').select(['name', 'key_id']).execute();
      const before = known.find((row) => row.name === name);
      if (before === undefined && known.length >= MAX_EDGES)
        throw planeError('plane/malformed', { details: { field: 'edge' } });
      await tx
        .insertInto('edge_process')
        .values({ name, ...values })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
        .execute();
      const fresh = !known.some((row) => row.key_id === values.key_id);
      if (fresh) await postPolicy(tx, clock.now());
      return fresh;
    });
    if (isNew) policies.wake();
  }

  return {
    'edge.poll': async (params) => {
      await note(params);
      const newest = await policies.newer(fieldsOf(params).integer('version'), POLL_MS);
      return newest === null ? null : { version: newest.version, note: newest.note, bytes: newest.bytes };
    },
    'edge.pack': (params) => {
      const bytes = packs.bytes(fieldsOf(params).text('id'));
      return Promise.resolve(bytes === null ? null : { bytes: base64Of(bytes) });
    },
    'edge.events': async (params) => {
      const fields = fieldsOf(params);
      const [edge, boot] = [fields.text('edge'), fields.text('boot')];
      const told = readEventLines(edge, boot, fields.texts('lines'));
      // First what must follow from an event, then the event itself: after a crash between the two it comes again.
      await options.onEvents(told);
      const fresh = await events.store(edge, boot, told);
      await credentials.used(usesOf(fresh));
      return { stored: fresh.length };
    },
  };
}

/** When each key and client was last used, by what was told of requests. */
function usesOf(events: readonly PlaneEvent[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const event of events) {
    const caller = event.kind === 'request' ? event.body['caller'] : undefined;
    const id = typeof caller === 'string' ? /^(?:api-key|client-token) (\S+)$/u.exec(caller)?.[1] : undefined;
    if (id !== undefined) uses.set(id, Math.max(event.at, uses.get(id) ?? 0));
  }
  return uses;
}
