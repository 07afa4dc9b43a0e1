import { createHash } from 'node:crypto';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';

const format = 'custody-quarantine-targets-1';

/**
 * What somebody looked at before a quarantine of every copy (promise P78): SHA-256, in hex, over lines of JSON, the first of which
 * names the format and the content, and the others one endpoint each, sorted. Another endpoint, or one less, is another digest.
 */
export function targetDigest(sha256: Sha256, endpointIds: readonly EndpointId[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify([format, sha256])}\n`);
  for (const id of endpointIds.toSorted()) {
    hash.update(`${JSON.stringify(id)}\n`);
  }
  return hash.digest('hex');
}
