import type { Action, FileOutcome, Task } from '../action/action.ts';
import { type ActionStatus, taskStatus } from '../action/action-status.ts';
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
  readonly task: Task;
  /** Undefined only when the endpoint's record was removed. */
  readonly endpoint: Endpoint | undefined;
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

/** Every file of these fetch actions, and every log that arrived: by action in the order given, then endpoint, then the order asked. */
export async function fetchedFiles(
  ports: Pick<Ports, 'store' | 'clock'>,
  actions: readonly Action[],
): Promise<readonly FetchedFile[]> {
  if (actions.length === 0) {
    return [];
  }
  return ports.store.read(async (reader) => {
    const ids = actions.map((action) => action.id);
    const tasks = await reader.tasks.byActions(ids);
    const outcomes = await reader.outcomes.byActions(ids);
    const endpoints = await reader.endpoints.byIds([...new Set(tasks.map((task) => task.endpointId))]);
    return assemble({ actions, tasks, outcomes, endpoints, now: ports.clock.now() }, reader);
  });
}

interface Facts {
  readonly actions: readonly Action[];
  readonly tasks: readonly Task[];
  readonly outcomes: readonly FileOutcome[];
  readonly endpoints: readonly Endpoint[];
  readonly now: number;
}

async function assemble(facts: Facts, reader: Reader): Promise<readonly FetchedFile[]> {
  const endpoints = new Map(facts.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const outcomes = Map.groupBy(facts.outcomes, (outcome) => outcome.taskId);
  const tasks = Map.groupBy(facts.tasks, (task) => task.actionId);
  const files = facts.actions.flatMap((action) =>
    (tasks.get(action.id) ?? []).flatMap((task) => {
      const ended = outcomes.get(task.id) ?? [];
      const ends = ended.map(({ outcome }) => outcome);
      const byOrdinal = new Map(ended.map((outcome) => [outcome.ordinal, outcome]));
      const status = taskStatus(task, ends, facts.now);
      return pathsOf(task, ended).map((path, ordinal) => ({
        action,
        task,
        endpoint: endpoints.get(task.endpointId),
        ordinal,
        path,
        name: fileName(path),
        status,
        outcome: byOrdinal.get(ordinal),
      }));
    }),
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

/** What was asked for; of logs, what the agent sent. */
function pathsOf({ parameters }: Task, ended: readonly FileOutcome[]): readonly FilePath[] {
  if (parameters.verb === 'logs') {
    return ended.flatMap(({ path }) => path ?? []);
  }
  return parameters.verb === 'fetch' ? parameters.files.map((file) => file.path) : [];
}
