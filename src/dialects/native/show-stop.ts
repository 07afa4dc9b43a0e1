import type { z } from 'zod';
import { stopWords } from '#core/action/stop-words.ts';
import type { DescribedTask } from '#core/verbs/describe-action.ts';
import { instantOf } from './instant.ts';
import type { stop } from './schemas/stop.ts';

/** Null where nobody asked the task to stop. */
export function showStop({ task, stop: stopped }: DescribedTask): z.input<typeof stop> | null {
  const askedAt = task.stopRequestedAt ?? task.lateStopAt;
  if (stopped === null || askedAt === null) {
    return null;
  }
  const { standing, filesDone, filesSpared } = stopped;
  return { requestedAt: instantOf(askedAt), standing, message: stopWords[standing], filesDone, filesSpared };
}
