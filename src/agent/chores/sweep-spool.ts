import { readdirSync } from 'node:fs';
import path from 'node:path';
import { taskIdSchema } from '#core/action/action-id.ts';
import type { OpenEntry } from '../journal/entry.ts';
import { dropSpool } from '../tasks/spool.ts';

/** Removes what a task left in the spool that ended just before the agent did. */
export function sweepSpool(spool: string, open: readonly OpenEntry[]): void {
  const kept = new Set<string>(open.map(({ taskId }) => taskId));
  for (const name of readdirSync(spool)) {
    if (taskIdSchema.safeParse(name).success && !kept.has(name)) {
      dropSpool(path.join(spool, name));
    }
  }
}
