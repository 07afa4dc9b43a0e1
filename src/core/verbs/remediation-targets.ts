import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointNumber } from '../endpoint/endpoint-id.ts';
import type { FileRecord } from '../file/file.ts';
import { endpointNumberOf, type Guid, isMachineGuid, machineGuid, parseGuid } from '../file/guid.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { Incident } from '../incident/incident.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Remedy } from '../remediation/remediation.ts';
import { filesOf, type IncidentFile } from './incident-files.ts';

/** One row of a request. */
export interface AskedRow {
  /** A machine's GUID, in either spelling. */
  readonly machine: string;
  /** Null: what the incident has on this machine. */
  readonly target: string | null;
  /** The client's word. */
  readonly actionType: string;
  /** What it means here; null: nothing that Custody does. */
  readonly remedy: Remedy | null;
}

/** Everything that rows may be about, looked up at once. */
export interface KnownTargets {
  /** By the machines' GUIDs. */
  readonly machines: ReadonlyMap<Guid, Endpoint>;
  /** What agents have reported. */
  readonly files: ReadonlyMap<Guid, FileRecord>;
  /** What vaults hold, by the GUIDs of the quarantined files. */
  readonly held: ReadonlyMap<Guid, QuarantineRecord>;
  /** The GUIDs of files of which a vault holds a copy. */
  readonly heldFiles: ReadonlySet<Guid>;
  /** Undefined where the request names none that is known. */
  readonly incident: Incident | undefined;
  readonly incidentFiles: readonly IncidentFile[];
}

type TargetReader = Pick<Reader, 'endpoints' | 'files' | 'quarantine' | 'incidents'>;

/** In a few questions to the store, whatever the number of rows. */
export async function knownTargets(
  reader: TargetReader,
  rows: readonly AskedRow[],
  incident: Incident | undefined,
): Promise<KnownTargets> {
  const incidentFiles = await filesOf(reader, incident === undefined ? [] : [incident.id]);
  const guids = [...new Set(rows.flatMap(({ target }) => guidsIn(target)))];
  const records = [...(await reader.quarantine.heldByGuids(guids)), ...incidentFiles.flatMap(({ held }) => held)];
  const files = await reader.files.byGuids([...new Set([...guids, ...records.map(({ fileGuid }) => fileGuid)])]);
  const reported = [...files, ...incidentFiles.flatMap(({ record }) => record ?? [])];
  return {
    machines: await machinesOf(reader, rows),
    files: new Map(reported.map((file) => [file.guid, file])),
    held: new Map(records.map((record) => [record.guid, record])),
    heldFiles: new Set(records.map(({ fileGuid }) => fileGuid)),
    incident,
    incidentFiles,
  };
}

export function guidsIn(text: string | null): readonly Guid[] {
  return [parseGuid(text?.trim() ?? '')].filter((guid) => guid !== undefined);
}

async function machinesOf(
  { endpoints }: TargetReader,
  rows: readonly AskedRow[],
): Promise<ReadonlyMap<Guid, Endpoint>> {
  const named = [...new Set(rows.flatMap(({ machine }) => guidsIn(machine)))].filter(isMachineGuid);
  const numbers = named.map(endpointNumberOf).filter((number): number is EndpointNumber => number !== undefined);
  const found = await endpoints.byNumbers(numbers);
  return new Map(found.map((endpoint) => [machineGuid(endpoint.number), endpoint]));
}
