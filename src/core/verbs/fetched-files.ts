import type { Action, FileOutcome, Task } from '../action/action.ts';
import { type ActionStatus, taskStatus } from '../action/action-status.ts';
import { type Attempt, type Attempts, attemptsOf, lastAttempt, standingFiles } from '../action/attempts.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { FileRecord } from '../file/file.ts';
import { type FilePath, fileName } from '../file/file-path.ts';
import { fileGuid } from '../file/guid.ts';
import type { Ports } from '../ports/ports.ts';
import type { EvidenceRecord } from '../ports/store/evidence.ts';
import type { Reader } from '../ports/store/store.ts';

/** One file of a fetch action, or one log that was sent: what was asked, and what became of it so far. */
export interface FetchedFile {
  readonly action: Action;
  /** The attempt that counts for this file. */
  readonly task: Task;
  /** Undefined only when the endpoint's record was removed. */
  readonly endpoint: Endpoint | undefined;
  /** Within the task. */
  readonly ordinal: number;
  readonly path: FilePath;
  readonly name: string;
  /** What inventory says of it, if it was ever inventoried. */
  readonly record: FileRecord | undefined;
  readonly status: ActionStatus;
  /** Undefined until it ended. `done` means that evidence storage got its bytes, under `outcome.sha256`. */
  readonly outcome: FileOutcome | undefined;
  /** What became of those bytes since; undefined where there never were any. */
  readonly evidence: EvidenceRecord | undefined;
}

type Listing = (attempts: Attempts) => readonly PlacedFile[];

/** One file in one attempt. */
interface PlacedFile extends Pick<FetchedFile, 'task' | 'ordinal' | 'path' | 'outcome'> {
  /** All that the attempt ended with. */
  readonly ended: readonly FileOutcome[];
}

/**
 * Every file of these fetch actions, once, and every log that arrived: by action in the order given, then endpoint, then the order asked.
 * Of a file that was tried more than once, the attempt that brought it, or else the last one.
 */
export function fetchedFiles(
  ports: Pick<Ports, 'store' | 'clock'>,
  actions: readonly Action[],
): Promise<readonly FetchedFile[]> {
  return listFiles(ports, actions, standingPlaces);
}

/** The same, of each attempt: a file that was tried again is there more than once. */
export function filesOfEveryAttempt(
  ports: Pick<Ports, 'store' | 'clock'>,
  actions: readonly Action[],
): Promise<readonly FetchedFile[]> {
  return listFiles(ports, actions, (attempts) => attempts.flatMap(placesOf));
}

async function listFiles(
  ports: Pick<Ports, 'store' | 'clock'>,
  actions: readonly Action[],
  listing: Listing,
): Promise<readonly FetchedFile[]> {
  if (actions.length === 0) {
    return [];
  }
  return ports.store.read(async (reader) => {
    const ids = actions.map((action) => action.id);
    const tasks = await reader.tasks.byActions(ids);
    const outcomes = await reader.outcomes.byActions(ids);
    const endpoints = await reader.endpoints.byIds([...new Set(tasks.map((task) => task.endpointId))]);
    return assemble({ actions, tasks, outcomes, endpoints, listing, now: ports.clock.now() }, reader);
  });
}

interface Facts {
  readonly actions: readonly Action[];
  readonly tasks: readonly Task[];
  readonly outcomes: readonly FileOutcome[];
  readonly endpoints: readonly Endpoint[];
  readonly listing: Listing;
  readonly now: number;
}

async function assemble(facts: Facts, reader: Reader): Promise<readonly FetchedFile[]> {
  const endpoints = new Map(facts.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const places = Map.groupBy(attemptsOf(facts.tasks, facts.outcomes), ([first]) => first.task.actionId);
  const files = facts.actions.flatMap((action) =>
    (places.get(action.id) ?? []).flatMap(facts.listing).map(({ task, ordinal, path, outcome, ended }) => ({
      ...{ action, task, ordinal, path, outcome },
      endpoint: endpoints.get(task.endpointId),
      name: fileName(path),
      status: taskStatus(
        task,
        ended.map((each) => each.outcome),
        facts.now,
      ),
    })),
  );
  const records = await inventoried(files, reader);
  const stored = await evidenceOf(facts.outcomes, reader);
  return files.map((file) => ({
    ...file,
    record: recordOf(file, records),
    evidence: isDone(file.outcome) ? stored.get(file.outcome?.sha256 ?? '') : undefined,
  }));
}

function isDone(outcome: FileOutcome | undefined): boolean {
  return outcome?.outcome === 'done';
}

async function evidenceOf(
  outcomes: readonly FileOutcome[],
  { evidence }: Reader,
): Promise<ReadonlyMap<string, EvidenceRecord>> {
  const hashes = outcomes.filter(isDone).flatMap(({ sha256 }) => sha256 ?? []);
  return new Map((await evidence.byHashes([...new Set(hashes)])).map((record) => [record.sha256, record]));
}

type BareFile = Omit<FetchedFile, 'record' | 'evidence'>;

async function inventoried(files: readonly BareFile[], reader: Reader): Promise<ReadonlyMap<string, FileRecord>> {
  const guids = files.flatMap(({ endpoint, path }) =>
    endpoint === undefined ? [] : [fileGuid(endpoint.number, path)],
  );
  return new Map((await reader.files.byGuids(guids)).map((record) => [record.guid, record]));
}

function recordOf(file: BareFile, records: ReadonlyMap<string, FileRecord>): FileRecord | undefined {
  return file.endpoint === undefined ? undefined : records.get(fileGuid(file.endpoint.number, file.path));
}

function standingPlaces(attempts: Attempts): readonly PlacedFile[] {
  if (lastAttempt(attempts).task.parameters.verb !== 'fetch') {
    return placesOf(lastAttempt(attempts));
  }
  const ended = new Map(attempts.map(({ task, outcomes }) => [task.id, outcomes]));
  return standingFiles(attempts).map(({ task, ordinal, file, outcome }) => ({
    ...{ task, ordinal, outcome },
    path: file.path,
    ended: ended.get(task.id) ?? [],
  }));
}

function placesOf({ task, outcomes }: Attempt): readonly PlacedFile[] {
  const byOrdinal = new Map(outcomes.map((outcome) => [outcome.ordinal, outcome]));
  return pathsOf(task, outcomes).map((path, ordinal) => ({
    ...{ task, ordinal, path, ended: outcomes },
    outcome: byOrdinal.get(ordinal),
  }));
}

/** What was asked for; of logs, what the agent sent. */
function pathsOf({ parameters }: Task, ended: readonly FileOutcome[]): readonly FilePath[] {
  if (parameters.verb === 'logs') {
    return ended.flatMap(({ path }) => path ?? []);
  }
  return parameters.verb === 'fetch' ? parameters.files.map((file) => file.path) : [];
}
