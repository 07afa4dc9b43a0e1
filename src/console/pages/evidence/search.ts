import { z } from 'zod';
import { type EvidenceState, evidenceStateWords } from '../../words/evidence.ts';

export const evidenceStates = Object.keys(evidenceStateWords).filter(
  (state): state is EvidenceState => state in evidenceStateWords,
);

const text = z.string().min(1).optional().catch(undefined);

/** What the address of the page holds. */
export const evidenceSearch = z.object({
  state: z.enum(evidenceStates).optional().catch(undefined),
  path: text,
  sha256: text,
});

export type EvidenceSearch = z.infer<typeof evidenceSearch>;

export const evidenceFileSearch = z.object({
  /** Of several places that the bytes are from, the one that is looked at: the task, and the file within it. */
  task: text,
  file: z.number().int().min(0).optional().catch(undefined),
});
