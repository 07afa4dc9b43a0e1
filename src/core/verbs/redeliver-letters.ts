import type { Ports } from '../ports/ports.ts';
import type { LetterChoice } from '../ports/store/feeds.ts';
import { demandWebhook } from './change-webhook.ts';

/**
 * Has dead letters sent again, once each, within seconds unless the webhook is paused; what waits after a failure is tried as well.
 * @returns how many will be
 * @throws Fault `not_found` for a webhook that there is not
 */
export function redeliverLetters({ store }: Pick<Ports, 'store'>, choice: LetterChoice): Promise<number> {
  return store.transact(async ({ feeds }) => {
    await demandWebhook(feeds, choice.webhookId);
    await feeds.hurry(choice.webhookId);
    return feeds.wantLetters(choice);
  });
}
