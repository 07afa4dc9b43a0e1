import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import type { LetterChoice } from '../ports/store/feeds.ts';
import { demandWebhook } from './change-webhook.ts';

/** The event of a drop names so many; the others are counted. */
const mostNamed = 1_000;

/**
 * Throws dead letters away; the events themselves stay in the record.
 * @returns how many there were
 * @throws Fault `not_found` for a webhook that there is not
 */
export function dropLetters(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  choice: LetterChoice,
): Promise<number> {
  return store.transact(async ({ feeds, events }) => {
    const { id: webhookId, name } = await demandWebhook(feeds, choice.webhookId);
    const dropped = await feeds.deleteLetters(choice);
    if (dropped.length > 0) {
      const actor = { kind: by.kind, id: by.id, name: by.name };
      const facts = { webhookId, name, count: dropped.length, sequences: dropped.slice(0, mostNamed) };
      await events.append([{ type: 'webhook_letters_dropped', at: clock.now(), actor, facts }]);
    }
    return dropped.length;
  });
}
