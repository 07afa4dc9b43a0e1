import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';

export interface AskedQuarantine {
  readonly endpointId: EndpointId;
  /** As displayed; see `displayPath`. */
  readonly displayPath: string;
  readonly sha256: Sha256;
}

/** For each file, in order, whether that endpoint's vault holds it now, by the agents' signed reports. */
export async function quarantineStatus(
  ports: Pick<Ports, 'store'>,
  files: readonly AskedQuarantine[],
): Promise<readonly boolean[]> {
  const held = await ports.store.read((reader) => reader.quarantine.heldAt(files));
  const keys = new Set(held.map((file) => keyOf(file)));
  return files.map((file) => keys.has(keyOf(file)));
}

/** Windows names a file in any case; its paths alone do not begin with a slash. */
function keyOf({ endpointId, sha256, displayPath }: AskedQuarantine): string {
  const path = displayPath.startsWith('/') ? displayPath : displayPath.toLowerCase();
  return [endpointId, sha256, path].join('\n');
}
