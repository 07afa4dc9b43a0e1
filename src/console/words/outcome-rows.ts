import type { ActionDetails, ActionTask, FileOutcome } from './outcomes.ts';
import { outcomeWords, reasonWords } from './outcomes.ts';
import { type ActionStatus, statusWords } from './statuses.ts';

/** One file on one endpoint; an endpoint of which no file has ended has a row without one. */
export interface OutcomeRow {
  readonly id: string;
  readonly task: ActionTask;
  readonly file: FileOutcome | undefined;
}

interface RowFilter {
  readonly there?: ActionStatus | undefined;
  /** Part of the host's name, the path, or what is said of it, in any case. */
  readonly text?: string | undefined;
}

export function outcomeRows({ tasks }: ActionDetails, { there, text = '' }: RowFilter): readonly OutcomeRow[] {
  const part = text.toLowerCase();
  return tasks
    .filter(({ status }) => there === undefined || status === there)
    .flatMap(rowsOf)
    .filter((row) => part === '' || wordsOf(row).some((words) => words.toLowerCase().includes(part)));
}

function rowsOf(task: ActionTask): readonly OutcomeRow[] {
  return task.files.length === 0
    ? [{ id: task.id, task, file: undefined }]
    : task.files.map((file) => ({ id: `${file.taskId}.${file.ordinal}`, task, file }));
}

function wordsOf(row: OutcomeRow): readonly string[] {
  const { task, file } = row;
  const outcome = file === undefined ? '' : outcomeWords[file.outcome].label;
  return [hostOf(task), pathOf(row), statusWords[task.status].label, outcome, whyOf(row)];
}

export function hostOf({ hostName, endpointId }: ActionTask): string {
  return hostName ?? endpointId;
}

export function pathOf({ task, file }: OutcomeRow): string {
  return file?.path ?? task.paths[0] ?? '';
}

/** Why it ended so, or what it waits for, in words. */
export function whyOf({ task, file }: OutcomeRow): string {
  if (file !== undefined) {
    return [file.reason === null ? '' : reasonWords[file.reason], file.message]
      .filter((words) => words !== '')
      .join(' ');
  }
  if (task.state === 'held' && task.attempt > 1) {
    return 'The retry waits for approval; the endpoint was told nothing of it.';
  }
  return task.waitsFor?.message ?? task.stop?.message ?? waitingWords[task.state];
}

const waitingWords: Readonly<Record<ActionTask['state'], string>> = {
  held: 'It waits for approval; the endpoint was told nothing.',
  pending: 'The endpoint is told as soon as it is connected.',
  sent: 'The order is on its way to the endpoint.',
  running: 'The endpoint is at it.',
  cancelling: 'The endpoint was asked to stop.',
  finished: '',
  expired: 'The endpoint did not answer before the deadline.',
  cancelled: 'It was withdrawn before the endpoint had it.',
};
