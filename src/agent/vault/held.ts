import type { VaultRecord } from './record.ts';

/** The object is the file, or still the only sure copy of it. */
export function isHeld({ progress }: VaultRecord): boolean {
  return progress.state === 'held' || progress.state === 'returning';
}
