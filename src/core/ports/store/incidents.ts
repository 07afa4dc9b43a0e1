import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Guid } from '../../file/guid.ts';
import type { Sha256 } from '../../file/hash.ts';
import type {
  FileObservation,
  Incident,
  IncidentComment,
  IncidentHold,
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
  /** As people judged, where they have: the rule of `severityOf`. */
  readonly severities?: readonly IncidentSeverity[];
  readonly starred?: boolean;
  /** What an incident without a description is called stands for it. Case does not count in `descriptionContains`. */
  readonly descriptions?: readonly string[];
  readonly descriptionContains?: readonly string[];
  readonly createdFrom?: Milliseconds;
  readonly createdTo?: Milliseconds;
  readonly updatedFrom?: Milliseconds;
  readonly updatedTo?: Milliseconds;
  readonly externalIds?: readonly string[];
  /** Incidents with an alert from any of these. */
  readonly alertSources?: readonly string[];
  /** Incidents that name any of these endpoints. */
  readonly endpointIds?: readonly EndpointId[];
}

/** Within one time, by id: as they were opened. */
export interface IncidentOrder {
  readonly by: 'createdAt' | 'updatedAt' | 'id';
  readonly direction: 'ascending' | 'descending';
}

/** Which observations: any that fits every given condition. */
export interface ObservationFilter {
  readonly incidentIds?: readonly IncidentId[];
  /** Of processes: their own; of files: the files'. */
  readonly guids?: readonly Guid[];
  readonly endpointIds?: readonly EndpointId[];
}

/** Parts of texts are found anywhere within, and without regard to case. */
export interface ProcessFilter extends ObservationFilter {
  readonly sha256?: readonly Sha256[];
  /** Of the program's path, as it is shown. */
  readonly pathContains?: readonly string[];
  readonly commandLineContains?: readonly string[];
  readonly userNameContains?: readonly string[];
  /** Whether nobody has said that they ended. */
  readonly running?: boolean;
}

export type ListingsOf<Item> = ReadonlyMap<IncidentId, Listing<Item>>;

export interface IncidentReader {
  byId(id: IncidentId): Promise<Incident | undefined>;
  byGuid(guid: Guid): Promise<Incident | undefined>;
  /** Newest first, where no order is asked for. */
  list(filter: IncidentFilter, page: Page, order?: IncidentOrder): Promise<Listing<Incident>>;
  /** In the order in which they were reported. */
  endpointsOf(ids: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, readonly EndpointId[]>>;
  /** By incident, then in the order in which they were reported. */
  processes(filter: ProcessFilter, page: Page): Promise<Listing<ProcessObservation>>;
  files(filter: ObservationFilter, page: Page): Promise<Listing<FileObservation>>;
  /** Processes with this content of which nobody has said that they ended; by endpoint, then GUID, each once. */
  stillRunning(sha256: Sha256, page: Page): Promise<Listing<ProcessObservation>>;
  /**
   * Of each of these incidents the first processes that were reported, at most `most`, and how many there are. Incidents
   * without any are left out.
   */
  firstProcesses(ids: readonly IncidentId[], most: number): Promise<ListingsOf<ProcessObservation>>;
  /** The same of files. */
  firstFiles(ids: readonly IncidentId[], most: number): Promise<ListingsOf<FileObservation>>;
  /** Of each the newest comments, at most `most`, the oldest of them first, and how many there are. */
  lastComments(ids: readonly IncidentId[], most: number): Promise<ListingsOf<IncidentComment>>;
  /** Of those that are on hold. */
  holdsOf(ids: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, IncidentHold>>;
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
  /** One that is on hold already stays as it was held. @returns whether it was not */
  hold(hold: IncidentHold): Promise<boolean>;
  /** @returns whether it was on hold */
  release(id: IncidentId): Promise<boolean>;
}
