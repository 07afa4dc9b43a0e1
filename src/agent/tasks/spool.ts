import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Decoder, Encoder } from '@msgpack/msgpack';
import type { TaskId } from '#core/action/action-id.ts';
import { type Spooled, spooledSchema } from '../child/job.ts';
import { listOwnFiles, removeOwnFile, replaceOwnFile } from '../platform/own-files.ts';

const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder();
const noteSuffix = '.note';

/** One directory per fetch task: captured bytes under their ordinals, and beside each a note of how far it is. */
export function spoolOf(spool: string, taskId: TaskId): string {
  return path.join(spool, taskId);
}

export function spoolFile(directory: string, ordinal: number): string {
  return path.join(directory, `${ordinal}.bytes`);
}

/** Durable when it returns. */
export function writeSpooled(directory: string, spooled: Spooled): void {
  replaceOwnFile(path.join(directory, `${ordinalOf(spooled)}${noteSuffix}`), encoder.encode(spooled));
}

/** Every note of a task; what cannot be read is left out, and is captured once more. */
export function readSpooled(directory: string): readonly Spooled[] {
  const names = listOwnFiles(directory).filter((name) => name.endsWith(noteSuffix));
  return names.flatMap((name) => {
    const parsed = spooledSchema.safeParse(readNote(path.join(directory, name)));
    return parsed.success ? [parsed.data] : [];
  });
}

export function dropSpooledBytes(directory: string, ordinal: number): void {
  removeOwnFile(spoolFile(directory, ordinal));
}

export function dropSpool(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

export function ordinalOf(spooled: Spooled): number {
  return spooled.state === 'ended' ? spooled.file.ordinal : spooled.ordinal;
}

function readNote(file: string): unknown {
  try {
    return decoder.decode(readFileSync(file));
  } catch {
    return undefined;
  }
}
