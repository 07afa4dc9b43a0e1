import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Flips a bit in the last bytes of what an evidence directory holds under a hash. */
export function damageEvidence(directory: string, sha256: string): void {
  const object = join(directory, 'objects', sha256.slice(0, 2), `${sha256.slice(2)}.age`);
  const sealed = readFileSync(object);
  sealed[sealed.length - 20] = (sealed.at(-20) ?? 0) ^ 1;
  writeFileSync(object, sealed);
}
