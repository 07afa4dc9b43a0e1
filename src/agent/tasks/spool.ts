import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Decoder, Encoder } from '@msgpack/msgpack';
import type { TaskId } from '#core/action/action-id.ts';
import { type Spooled, spooledSchema } from '../child/job.ts';
import { removeOwnFile, replaceOwnFile } from '../platform/own-files.ts';

const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder();

/** One directory per fetch task: captured bytes under their ordinals, and beside each a note of how far it is. */
export function spoolOf(spool: string, taskId: TaskId): string {
  return path.join(spool, taskId);
}

export function makeSpool(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
}

export function spoolFile(directory: string, ordinal: number): string {
  return path.join(directory, `${ordinal}.bytes`);
}

/** Durable when it returns. */
export function writeSpooled(directory: string, spooled: Spooled): void {
  replaceOwnFile(noteFile(directory, ordinalOf(spooled)), encoder.encode(spooled));
}

/** The notes of these files; one that is missing or cannot be read is left out, and its file is captured once more. */
export function readSpooled(directory: string, ordinals: readonly number[]): readonly Spooled[] {
  return ordinals.flatMap((ordinal) => {
    const parsed = spooledSchema.safeParse(readNote(noteFile(directory, ordinal)));
    return parsed.success ? [parsed.data] : [];
  });
}

function noteFile(directory: string, ordinal: number): string {
  return path.join(directory, `${ordinal}.note`);
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
