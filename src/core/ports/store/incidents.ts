import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Guid } from '../../file/guid.ts';
import type {
  FileObservation,
  Incident,
  IncidentComment,
  IncidentSeverity,
  IncidentStatus,
  ProcessObservation,
} from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/incident-id.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

/** All given conditions must hold; within one, any of its values. */
export interface IncidentFilter {
  readonly ids?: readonly IncidentId[];
  readonly guids?: readonly Guid[];
  readonly statuses?: readonly IncidentStatus[];
  readonly severities?: readonly IncidentSeverity[];
  readonly createdFrom?: Milliseconds;
  readonly createdTo?: Milliseconds;
  readonly externalIds?: readonly string[];
  /** Incidents that name any of these endpoints. */
  readonly endpointIds?: readonly EndpointId[];
}

/** Which observations: any that fits every given condition. */
export interface ObservationFilter {
  readonly incidentIds?: readonly IncidentId[];
  /** Of processes: their own; of files: the files'. */
  readonly guids?: readonly Guid[];
  readonly endpointIds?: readonly EndpointId[];
}

export interface IncidentReader {
  byId(id: IncidentId): Promise<Incident | undefined>;
  byGuid(guid: Guid): Promise<Incident | undefined>;
  /** Newest first. */
  list(filter: IncidentFilter, page: Page): Promise<Listing<Incident>>;
  /** In the order in which they were reported. */
  endpointsOf(ids: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, readonly EndpointId[]>>;
  /** By incident, then in the order in which they were reported. */
  processes(filter: ObservationFilter, page: Page): Promise<Listing<ProcessObservation>>;
  files(filter: ObservationFilter, page: Page): Promise<Listing<FileObservation>>;
  /** Oldest first. */
  comments(id: IncidentId): Promise<readonly IncidentComment[]>;
}

export interface IncidentWriter extends IncidentReader {
  /** @throws Fault `conflict` when the id is taken. */
  insert(incident: Incident, endpointIds: readonly EndpointId[]): Promise<void>;
  update(incident: Incident): Promise<void>;
  /** Those that the incident has already are left as they are. */
  addEndpoints(id: IncidentId, endpointIds: readonly EndpointId[]): Promise<void>;
  addProcesses(processes: readonly ProcessObservation[]): Promise<void>;
  addFiles(files: readonly FileObservation[]): Promise<void>;
  addComment(comment: IncidentComment): Promise<void>;
}
