import type { Clock } from '#kernel';
import { fieldsOf, type Leaf, readLeaf } from '#plane';
import { openRelay, type OutboxMessage, type Relay } from '#storage';
import type { KeeperClient } from './keeper-client.ts';
import { INSTALLATION_LOG, LEAF_TOPIC } from './leaves.ts';
import type { State } from './state.ts';

/**
 * Carries leaves from the outbox to the ledger, each once and in order, and notes on each observation and decision the number of its leaf.
 */
export function openLedgerRelay(
  state: State,
  keeper: KeeperClient,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Relay {
  async function deliver(messages: readonly OutboxMessage[]): Promise<void> {
    // One append a log, under the number of its last message: a repeated batch is the same batch, and so is known.
    for (const [log, own] of Map.groupBy(messages, (message) => message.shopId ?? INSTALLATION_LOG)) {
      const leaves = own.map((message) => readLeaf(message.payload));
      const first = await keeper.append(log, leaves, own.at(-1)?.seq ?? 0);
      await noteNumbers(leaves, first);
    }
  }

  async function noteNumbers(leaves: readonly Leaf[], first: number): Promise<void> {
    await state.transaction(async (tx) => {
      for (const [i, leaf] of leaves.entries()) {
        const number = { leaf: first + i };
        if (leaf.kind === 'observation')
          await tx.updateTable('observation').set(number).where('id', '=', leaf.id).execute();
        if (leaf.kind === 'vendor-decided') {
          const decision = fieldsOf(leaf.body).text('decision');
          await tx.updateTable('decision').set(number).where('id', '=', decision).execute();
        }
      }
    });
  }

  return openRelay(state, { topic: LEAF_TOPIC, clock, deliver, onFailure });
}
