import type { Clock } from '#kernel';
import { type Leaf, readLeaf } from '#plane';
import { openRelay, type OutboxMessage, type Relay } from '#storage';
import type { KeeperClient } from './keeper-client.ts';
import { INSTALLATION_LOG, LEAF_TOPIC } from './leaves.ts';
import type { State } from './state.ts';

/**
 * Carries leaves from the outbox to the ledger, each once and in order, and notes on each observation the number of its leaf.
 */
export function openLedgerRelay(
  state: State,
  keeper: KeeperClient,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Relay {
  async function deliver(messages: readonly OutboxMessage[]): Promise<void> {
    // Runs of one log keep their order; a run is sent under the number of its last message, so a repeat is known.
    for (const run of runsOf(messages)) {
      const leaves = run.messages.map((message) => readLeaf(message.payload));
      const first = await keeper.append(run.log, leaves, run.messages.at(-1)?.seq ?? 0);
      await noteNumbers(leaves, first);
    }
  }

  async function noteNumbers(leaves: readonly Leaf[], first: number): Promise<void> {
    await state.transaction(async (tx) => {
      for (const [i, leaf] of leaves.entries()) {
        if (leaf.kind !== 'observation') continue;
        await tx
          .updateTable('observation')
          .set({ leaf: first + i })
          .where('id', '=', leaf.id)
          .execute();
      }
    });
  }

  return openRelay(state, { topic: LEAF_TOPIC, clock, deliver, onFailure });
}

function runsOf(messages: readonly OutboxMessage[]): { log: string; messages: OutboxMessage[] }[] {
  const runs: { log: string; messages: OutboxMessage[] }[] = [];
  for (const message of messages) {
    const log = message.shopId ?? INSTALLATION_LOG;
    const last = runs.at(-1);
    if (last?.log === log) last.messages.push(message);
    else runs.push({ log, messages: [message] });
  }
  return runs;
}
