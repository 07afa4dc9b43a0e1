import { z } from 'zod';
import { checkShape } from '../check-shape.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';

/** How long evidence is kept after a fetch brought or needed it last. */
export interface EvidenceRetention {
  /** Null: for ever. */
  readonly days: number | null;
}

const retentionSchema = z.object({ days: z.number().int().positive().nullable() });

export function readRetention({ store }: Pick<Ports, 'store'>): Promise<EvidenceRetention> {
  return store.read(storedRetention);
}

/** For ever, where nobody said anything else. */
export async function storedRetention({ settings }: Pick<Reader, 'settings'>): Promise<EvidenceRetention> {
  const stored = await settings.byName('evidence_retention');
  const parsed = checkShape(retentionSchema, stored ?? { days: null });
  if (!parsed.success) {
    throw new Fault('internal', 'The retention of evidence in the store cannot be read.', { cause: parsed.error });
  }
  return parsed.data;
}
