import { type DeadLetter, mostDeadLetters, type Webhook } from '../feed/webhook.ts';
import type { DeliveryPorts, Turn } from './feed-turn.ts';
import { readFeed } from './read-feed.ts';
import { sendEvent } from './send-event.ts';

/** Of one turn, so that new events wait for no more than these. */
const lettersAtOnce = 20;

/**
 * Sends dead letters again that somebody asked for, once each: one that is taken is no dead letter any more, another one stays one,
 * with what went wrong now.
 */
export async function redeliver(ports: DeliveryPorts, webhook: Webhook, turn: Turn): Promise<void> {
  const wanted = await ports.store.read(({ feeds }) => feeds.wantedLetters(webhook.id, lettersAtOnce));
  for (const letter of wanted) {
    if (turn.stopping.aborted || !(await redeliverOne(ports, { webhook, letter }, turn))) {
      return;
    }
  }
}

interface Redelivery {
  readonly webhook: Webhook;
  readonly letter: DeadLetter;
}

/** @returns false where the others need not be tried now. */
async function redeliverOne(ports: DeliveryPorts, { webhook, letter }: Redelivery, turn: Turn): Promise<boolean> {
  const { store, log } = ports;
  const { sequence } = letter;
  const place = { after: sequence - 1, limit: 1 };
  const { events } = await store.read((reader) => readFeed(reader, undefined, place));
  const told = events.find(({ event }) => event.sequence === sequence);
  const receipt = told && (await sendEvent(ports, { webhook, told, stopping: turn.stopping }));
  if (turn.stopping.aborted || receipt?.kind === 'forbidden') {
    return false;
  }
  if (receipt?.kind !== 'failed') {
    turn.count('delivered');
    await store.transact(({ feeds }) => feeds.deleteLetters({ webhookId: webhook.id, sequences: [sequence] }));
    return true;
  }
  turn.count('failed');
  const attempts = letter.attempts + 1;
  const facts = { webhook: webhook.id, name: webhook.name, event: sequence, attempts, why: receipt.words };
  log.warn('A webhook did not take a dead letter that was sent again.', facts);
  await store.transact(async ({ feeds }) => {
    // It may have been deleted meanwhile, with its letters.
    if ((await feeds.webhookById(webhook.id)) !== undefined) {
      await feeds.putDeadLetter({ ...letter, attempts, error: receipt.words, isWanted: false }, mostDeadLetters);
    }
  });
  return true;
}
