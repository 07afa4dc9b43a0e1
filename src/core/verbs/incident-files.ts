import type { Endpoint } from '../endpoint/endpoint.ts';
import type { FileRecord } from '../file/file.ts';
import type { FilePath } from '../file/file-path.ts';
import { fileGuid, type Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Reader } from '../ports/store/store.ts';

/** A file that an incident is about, or the program of a process that it is about. */
export interface IncidentFile {
  readonly incidentId: IncidentId;
  readonly guid: Guid;
  readonly endpoint: Endpoint;
  readonly path: FilePath;
  /** As an agent reported it; else as the incident has it. Null: nobody said, or observations differ. */
  readonly sha256: Sha256 | null;
  /** Whether an agent has reported other bytes there than those that the incident is about. */
  readonly isAnother: boolean;
  /** Undefined where no agent has reported it. */
  readonly record: FileRecord | undefined;
  /** What its endpoint's vault holds of it, newest first: with the bytes that the incident is about, where those are known. */
  readonly held: readonly QuarantineRecord[];
}

/** Of each kind, over all incidents that are asked for. */
const page = { offset: 0, limit: 10_000 };

/** The files of incidents, each once for each incident, by incident and in the order in which they were reported. */
export async function filesOf(
  reader: Pick<Reader, 'incidents' | 'files' | 'quarantine' | 'endpoints'>,
  incidentIds: readonly IncidentId[],
): Promise<readonly IncidentFile[]> {
  if (incidentIds.length === 0) {
    return [];
  }
  const own = { incidentIds };
  const observed = [
    ...(await reader.incidents.files(own, page)).items,
    ...(await reader.incidents.processes(own, page)).items,
  ];
  const owners = await reader.endpoints.byIds([...new Set(observed.map(({ endpointId }) => endpointId))]);
  const endpoints = new Map(owners.map((endpoint) => [endpoint.id, endpoint]));
  const found = new Map<string, Observed>();
  for (const { incidentId, endpointId, path, sha256 } of observed) {
    const endpoint = endpoints.get(endpointId);
    if (endpoint !== undefined) {
      const guid = fileGuid(endpoint.number, path);
      const key = `${incidentId} ${guid}`;
      const file = found.get(key) ?? { incidentId, guid, endpoint, path, hashes: new Set() };
      found.set(key, sha256 === null ? file : { ...file, hashes: new Set([...file.hashes, sha256]) });
    }
  }
  return withRecords(reader, [...found.values()]);
}

interface Observed extends Pick<IncidentFile, 'incidentId' | 'guid' | 'endpoint' | 'path'> {
  readonly hashes: ReadonlySet<Sha256>;
}

async function withRecords(
  reader: Pick<Reader, 'files' | 'quarantine'>,
  found: readonly Observed[],
): Promise<readonly IncidentFile[]> {
  const guids = [...new Set(found.map(({ guid }) => guid))];
  const records = new Map((await reader.files.byGuids(guids)).map((record) => [record.guid, record]));
  const held = Map.groupBy(await reader.quarantine.heldByGuids(guids), ({ fileGuid: guid }) => guid);
  return found.map(({ hashes, ...file }) => {
    const record = records.get(file.guid);
    const [only = null] = hashes.size === 1 ? hashes : [];
    return {
      ...file,
      record,
      sha256: record?.sha256 ?? only,
      isAnother: record !== undefined && hashes.size > 0 && !hashes.has(record.sha256),
      held: (held.get(file.guid) ?? []).filter(({ sha256 }) => hashes.size === 0 || hashes.has(sha256)),
    };
  });
}

/** Whether a file with other bytes than those that the incident is about stands in the place of its file now. */
export function isReplaced({ record, isAnother }: IncidentFile): boolean {
  return isAnother && record?.state === 'present';
}

/** Whether there is a file to quarantine or block, as far as anybody knows. */
export function mayBeTaken({ record, sha256, isAnother }: IncidentFile): boolean {
  return sha256 !== null && !isAnother && (record === undefined || record.state === 'present');
}
