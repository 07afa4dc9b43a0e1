import path from 'node:path';
import { z } from 'zod';
import { taskIdSchema } from '#core/action/action-id.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { mostCopies, pathsWithHash } from '../inventory/find.ts';
import { readOwnFile, replaceOwnFile } from '../platform/own-files.ts';
import { canonicalJson, encodedPathSchema } from '../vault/metadata.ts';
import { allRecords } from '../vault/record.ts';
import { type Ending, ending } from './ending.ts';
import { heldAlready, quarantine } from './quarantine.ts';
import type { CopiesJob } from './quarantine-job.ts';
import type { VaultRoom } from './room.ts';

const noteSchema = z.object({ taskId: taskIdSchema, paths: z.array(encodedPathSchema) });

/** Told before and after each copy, so that the parent knows which one a child got stuck on. */
export type TellCopy = (path: FilePath, ending: Ending | null) => void;

/**
 * Moves every copy that the index names into the vault, each with an object and an ending of its own: one that fails, or is
 * no longer what was indexed, stops none of the others. The list is noted durably before the first is touched, so that a
 * later run of the task works through the same one, whatever the index says by then.
 * @throws Halted before the first copy that may not be begun now; a later run goes on there.
 */
export async function quarantineCopies(room: VaultRoom, job: CopiesJob, tell: TellCopy): Promise<readonly Ending[]> {
  const paths = copiesOf(room, job);
  if (paths.length === 0) {
    return withoutCopies(room, job);
  }
  const skipped = new Set(job.except.map(keyOf));
  const endings: Ending[] = [];
  for (const each of paths.filter((copy) => !skipped.has(keyOf(copy)))) {
    tell(each, null);
    const ended = await quarantine(room, { ...job, path: each });
    tell(each, ended);
    endings.push(ended);
  }
  return paths.length < mostCopies ? endings : [...endings, moreCopies(job)];
}

function moreCopies({ sha256 }: CopiesJob): Ending {
  const message = `More than ${mostCopies} files may have this hash; order it once more for the rest.`;
  return ending({ outcome: 'too_large', message, sha256 });
}

function keyOf(file: FilePath): string {
  return Buffer.from(file).toString('latin1');
}

/**
 * One note is enough: the vault's tasks run one after another. A task that was halted lets others pass, and they note theirs: what it
 * had taken by then its records tell, for the index does not know of it any more.
 */
function copiesOf(room: VaultRoom, job: CopiesJob): readonly FilePath[] {
  const file = path.join(room.vault, 'copies');
  const note = readNote(file);
  if (note?.taskId === job.taskId) {
    return note.paths;
  }
  if (job.settle) {
    return [];
  }
  const taken = allRecords(room.vault).filter(({ taskId }) => taskId === job.taskId);
  const all = [...taken.map((record) => record.path), ...pathsWithHash(job.database, job.sha256)];
  const paths = [...new Map(all.map((each) => [keyOf(each), each])).values()];
  replaceOwnFile(file, canonicalJson({ taskId: job.taskId, paths }));
  return paths;
}

function readNote(file: string): z.infer<typeof noteSchema> | undefined {
  try {
    return noteSchema.parse(JSON.parse(readOwnFile(file) ?? ''));
  } catch {
    return undefined;
  }
}

function withoutCopies(room: VaultRoom, job: CopiesJob): readonly Ending[] {
  if (job.settle) {
    const message = 'The quarantine was cut off before it began; every file is untouched.';
    return [ending({ outcome: 'interrupted', reason: 'agent_restarted', message, sha256: job.sha256 })];
  }
  const held = allRecords(room.vault).filter(
    ({ progress, sha256 }) => progress.state === 'held' && sha256 === job.sha256,
  );
  const message = 'No file with this hash is under the roots that the agent inventories.';
  return held.length > 0 ? held.map(heldAlready) : [ending({ outcome: 'not_found', message, sha256: job.sha256 })];
}
