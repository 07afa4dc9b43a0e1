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
  const endpointIds = [...new Set(files.map((file) => file.endpointId))];
  const sha256 = [...new Set(files.map((file) => file.sha256))];
  const held = await ports.store.read(({ quarantine }) =>
    quarantine.list({ endpointIds, sha256, states: ['held'] }, { offset: 0, limit: 10_000 }),
  );
  const keys = new Set(held.items.map((record) => keyOf(record)));
  return files.map((file) => keys.has(keyOf(file)));
}

function keyOf(file: AskedQuarantine): string {
  return [file.endpointId, file.sha256, file.displayPath].join('\n');
}
