import type { z } from 'zod';
import type { FileRecord } from '#core/file/file.ts';
import { instantOf } from './instant.ts';
import type { file } from './schemas/file.ts';

export function showFile(record: FileRecord): z.input<typeof file> {
  const { displayPath, seenAt, path: _bytes, ...facts } = record;
  return { ...facts, path: displayPath, seenAt: instantOf(seenAt) };
}
