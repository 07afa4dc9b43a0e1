import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { displayPath, type FilePath, fileName } from '../file/file-path.ts';
import { fileGuid, processGuid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { OrderTarget } from '../ports/store/endpoints.ts';
import type { Milliseconds } from '../time.ts';
import type { FileObservation, ProcessObservation } from './incident.ts';
import type { IncidentId } from './incident-id.ts';

/** A file as whoever reports an incident tells of it. */
export interface ReportedFile {
  readonly endpointId: EndpointId;
  readonly path: FilePath;
  readonly sha256?: Sha256 | undefined;
}

/** A running program as whoever reports an incident tells of it. */
export interface ReportedProcess extends ReportedFile {
  readonly pid?: number | undefined;
  readonly commandLine?: string | undefined;
  readonly userName?: string | undefined;
  readonly startedAt?: Milliseconds | undefined;
  readonly endedAt?: Milliseconds | undefined;
}

export interface ReportedObservations {
  /** Beside those of the files and processes. */
  readonly endpointIds: readonly EndpointId[];
  readonly files: readonly ReportedFile[];
  readonly processes: readonly ReportedProcess[];
}

/** Every endpoint that is named, each once, in the order in which they are. */
export function endpointsNamed({ endpointIds, files, processes }: ReportedObservations): readonly EndpointId[] {
  return [...new Set([...endpointIds, ...[...files, ...processes].map(({ endpointId }) => endpointId)])];
}

export function observedFile(incidentId: IncidentId, file: ReportedFile, endpoint: OrderTarget): FileObservation {
  const { endpointId, path, sha256 = null } = file;
  return {
    incidentId,
    fileGuid: fileGuid(endpoint.number, path),
    endpointId,
    path,
    displayPath: displayPath(path),
    sha256,
  };
}

export function observedProcess(
  incidentId: IncidentId,
  process: ReportedProcess,
  endpoint: OrderTarget,
): ProcessObservation {
  const { endpointId, path, pid = null, startedAt = null } = process;
  return {
    incidentId,
    guid: processGuid(endpoint.number, { path, pid, startedAt }),
    endpointId,
    path,
    displayPath: displayPath(path),
    name: fileName(path),
    sha256: process.sha256 ?? null,
    pid,
    commandLine: process.commandLine ?? null,
    userName: process.userName ?? null,
    startedAt,
    endedAt: process.endedAt ?? null,
  };
}
