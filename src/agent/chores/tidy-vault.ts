import type { Log } from '#core/ports/log.ts';
import { runJob } from '../child/run-job.ts';
import type { OpenEntry } from '../journal/entry.ts';
import { vaultPart, type Workshop } from '../tasks/perform.ts';

/**
 * Makes the vault's records whole again. First in its lane, and without holding up anything else: a file system that is dead
 * must not keep the agent from starting.
 */
export async function tidyVault(
  workshop: Workshop,
  { open, log, signal }: { readonly open: readonly OpenEntry[]; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  const openTasks = open.map(({ taskId }) => taskId);
  const result = await runJob(workshop.child, { kind: 'tidy', ...vaultPart(workshop), openTasks }, signal);
  const notes = result.ok && result.answer.type === 'tidied' ? result.answer.notes : [];
  for (const note of notes) {
    log.warn(note);
  }
  if (!signal.aborted && (!result.ok || result.answer.type !== 'tidied')) {
    log.error('The vault could not be looked through; the next start tries again.', { result });
  }
}
