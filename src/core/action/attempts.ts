import type { FilePath } from '../file/file-path.ts';
import { isSuccess, type Outcome } from '../outcome.ts';
import type { Milliseconds } from '../time.ts';
import type { FileOutcome, Task } from './action.ts';
import { type ActionStatus, hasEnded, statusByOutcomes, taskStatus } from './action-status.ts';
import type { FetchParameters, TaskParameters } from './verb.ts';

/** One try of what an action asks of one endpoint. */
export interface Attempt {
  readonly task: Task;
  readonly outcomes: readonly FileOutcome[];
}

/** All tries on one endpoint, the first one first: what was retried stays, and what stands is made of all of them. */
export type Attempts = readonly [Attempt, ...Attempt[]];

/** A file that a fetch names, in the attempt that counts for it. */
interface StandingFile {
  readonly task: Task;
  /** Within the task. */
  readonly ordinal: number;
  readonly file: FetchParameters['files'][number];
  readonly outcome: FileOutcome | undefined;
}

/** By action and endpoint, in the order in which the first attempts stand. */
export function attemptsOf(tasks: readonly Task[], outcomes: readonly FileOutcome[]): readonly Attempts[] {
  const ended = Map.groupBy(outcomes, ({ taskId }) => taskId);
  const places = Map.groupBy(tasks, ({ actionId, ordinal }) => `${actionId} ${ordinal}`);
  return [...places.values()].flatMap((place): Attempts[] => {
    const tries = place
      .toSorted((one, other) => one.round - other.round)
      .map((task) => ({ task, outcomes: ended.get(task.id) ?? [] }));
    const [first, ...later] = tries;
    return first === undefined ? [] : [[first, ...later]];
  });
}

export function lastAttempt(attempts: Attempts): Attempt {
  return attempts.at(-1) ?? attempts[0];
}

/**
 * How each file stands, once, whichever attempt it was that settled it. Of a fetch the first success stands, for its bytes are here; of
 * the other verbs that change something, what was done stands until a later attempt says something of the same file; a plan, a search, a scan
 * or a look at logs is repeated whole, so the last one alone counts.
 */
export function standingOutcomes(attempts: Attempts): readonly FileOutcome[] {
  const last = lastAttempt(attempts);
  switch (last.task.parameters.verb) {
    case 'fetch':
      return standingFiles(attempts).flatMap(({ outcome }) => outcome ?? []);
    case 'quarantine':
    case 'restore':
    case 'restore_objects':
    case 'undo':
    case 'purge':
      return attempts.reduce<readonly FileOutcome[]>(followed, []);
    case 'plan':
    case 'search':
    case 'logs':
    case 'scan':
      return last.outcomes;
  }
}

/** The files that a fetch was first ordered with, in that order; of other verbs, none. */
export function standingFiles([first, ...later]: Attempts): readonly StandingFile[] {
  const files = filesOf(first);
  for (const attempt of later) {
    const places = placesByFile(files);
    for (const again of filesOf(attempt)) {
      const place = places.get(keyOf(again.file))?.shift();
      if (place !== undefined && !isDone(files[place])) {
        files[place] = again;
      }
    }
  }
  return files;
}

/** The status of an endpoint: while the last attempt goes on, its own. */
export function standingStatus(attempts: Attempts, now: Milliseconds): ActionStatus {
  const { task, outcomes } = lastAttempt(attempts);
  const standing = standingOutcomes(attempts);
  if (!hasEnded(task, now) || standing.every(({ taskId }) => taskId === task.id)) {
    return taskStatus(task, outcomes.map(endOf), now);
  }
  const isUnwritten = outcomes.length === 0 && task.state !== 'finished';
  return statusByOutcomes(isUnwritten ? [...standing.map(endOf), 'expired'] : standing.map(endOf));
}

/**
 * What a retry asks of the endpoint: of a fetch the files that did not come; of the others the same again, for agents tell of what they
 * find done, and do it no second time. Undefined where nothing failed.
 */
export function retryParameters(attempts: Attempts): TaskParameters | undefined {
  const { parameters } = lastAttempt(attempts).task;
  if (parameters.verb === 'fetch') {
    const files = standingFiles(attempts);
    const done = new Set(files.filter(isDone).map(({ file }) => keyOf(file)));
    const failed = files.map(({ file }) => file).filter((file) => !done.has(keyOf(file)));
    return failed.length === 0 ? undefined : { verb: 'fetch', files: failed };
  }
  const ends = standingOutcomes(attempts).map(endOf);
  return ends.length > 0 && ends.every(isSuccess) ? undefined : parameters;
}

function filesOf({ task, outcomes }: Attempt): StandingFile[] {
  const { parameters } = task;
  const ended = new Map(outcomes.map((outcome) => [outcome.ordinal, outcome]));
  const files = parameters.verb === 'fetch' ? parameters.files : [];
  return files.map((file, ordinal) => ({ task, ordinal, file, outcome: ended.get(ordinal) }));
}

function placesByFile(files: readonly StandingFile[]): ReadonlyMap<string, number[]> {
  return Map.groupBy(files.keys(), (place) => keyOf(files[place]?.file));
}

function isDone(file: StandingFile | undefined): boolean {
  return file?.outcome !== undefined && isSuccess(file.outcome.outcome);
}

/** What was done, without that of which the later attempt tells, and the later one. */
function followed(before: readonly FileOutcome[], { outcomes }: Attempt): readonly FileOutcome[] {
  const told = new Set(outcomes.flatMap(keysOf));
  const kept = before.filter((outcome) => isSuccess(outcome.outcome) && !keysOf(outcome).some((key) => told.has(key)));
  return [...kept, ...outcomes];
}

function keysOf({ path, vaultObject }: FileOutcome): readonly string[] {
  const object = vaultObject === null ? [] : [`object ${vaultObject}`];
  return path === null ? object : [...object, shown(path)];
}

function keyOf(file: FetchParameters['files'][number] | undefined): string {
  return file === undefined ? '' : `${file.vaultObject ?? ''} ${shown(file.path)}`;
}

function shown(path: FilePath): string {
  return Buffer.from(path).toString('latin1');
}

function endOf({ outcome }: FileOutcome): Outcome {
  return outcome;
}
