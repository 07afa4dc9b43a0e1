import { z } from 'zod';
import { type QuarantineState, quarantineStateWords } from '../../words/quarantine.ts';

export const quarantineStates = Object.keys(quarantineStateWords).filter(
  (state): state is QuarantineState => state in quarantineStateWords,
);

const text = z.string().min(1).optional().catch(undefined);

/** What the address of the page holds. */
export const quarantineSearch = z.object({
  view: z.enum(['files', 'hashes']).optional().catch(undefined),
  /** Undefined: what vaults hold now. */
  state: z
    .enum([...quarantineStates, 'all'])
    .optional()
    .catch(undefined),
  path: text,
  sha256: text,
  endpoint: text,
});

export type QuarantineSearch = z.infer<typeof quarantineSearch>;

export const contentSearch = z.object({
  /** The vault object of the copy that is looked at. */
  copy: text,
});

export const planSearch = z.object({
  finding: text,
});

export const newQuarantineSearch = z.object({
  sha256: text,
  endpoint: text,
  path: text,
  /** A live search that says where it runs. */
  running: text,
});

export type NewQuarantineSearch = z.infer<typeof newQuarantineSearch>;

const sha256Form = /^[0-9a-f]{64}$/i;

export function isSha256(value: string): boolean {
  return sha256Form.test(value);
}
