import type { z } from 'zod';
import type { DeadLetter } from '#core/feed/webhook.ts';
import type { ListedWebhook } from '#core/verbs/feed-states.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { listDeadLetters, webhook as webhookSchema } from './schemas/webhook.ts';

/** Without its secrets, which never leave the server after they were made. */
export function showWebhook({ webhook, state }: ListedWebhook): z.input<typeof webhookSchema> {
  const { id, name, url, format, attempts, paused, createdBy } = webhook;
  const { lag, lastError, deadLetters } = state;
  return {
    ...{ id, name, url, format, groups: [...webhook.groups], types: [...webhook.types], attempts, paused },
    formerSecretUntil: nullableInstantOf(webhook.formerSecret?.until ?? null),
    ...{ lag, failingSince: nullableInstantOf(state.failingSince), lastError },
    ...{ deliveredAt: nullableInstantOf(state.deliveredAt), deadLetters },
    ...{ createdAt: instantOf(webhook.createdAt), createdBy },
  };
}

export function showLetter(letter: DeadLetter): z.input<typeof listDeadLetters.reply.shape.items.element> {
  const { sequence, givenUpAt, attempts, error, isWanted } = letter;
  return { sequence, givenUpAt: instantOf(givenUpAt), attempts, error, redelivering: isWanted };
}
