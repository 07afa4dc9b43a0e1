import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { Ports } from '../ports/ports.ts';
import type { QuarantineFilter } from '../ports/store/quarantine.ts';
import type { Reader } from '../ports/store/store.ts';

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
  const held = await ports.store.read((reader) => everyRecord(reader, { endpointIds, sha256, states: ['held'] }));
  const keys = new Set(held.map((record) => keyOf(record)));
  return files.map((file) => keys.has(keyOf(file)));
}

/** Page by page: many endpoints and many hashes are asked for together, and each pair may have a record. */
async function everyRecord(reader: Reader, filter: QuarantineFilter): Promise<readonly QuarantineRecord[]> {
  const found: QuarantineRecord[] = [];
  for (;;) {
    const { items, total } = await reader.quarantine.list(filter, { offset: found.length, limit: 10_000 });
    found.push(...items);
    if (items.length === 0 || found.length >= total) {
      return found;
    }
  }
}

function keyOf(file: AskedQuarantine): string {
  return [file.endpointId, file.sha256, file.displayPath].join('\n');
}
