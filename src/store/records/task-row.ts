import type { Task } from '#core/action/action.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { readTaskParameters, writeTaskParameters } from '../json/task-parameters.ts';
import type { TaskRow } from '../schema.ts';

/** Tasks of one fan-out hold the same parameters in the same words, so each text is read once. */
export function toTasks(rows: readonly TaskRow[]): readonly Task[] {
  const read = new Map<string, TaskParameters>();
  return rows.map((row) => {
    const parameters = read.get(row.parameters_json) ?? readTaskParameters(row.parameters_json);
    read.set(row.parameters_json, parameters);
    return toTask(row, parameters);
  });
}

function toTask(row: TaskRow, parameters: TaskParameters): Task {
  const { report, report_signature: signature } = row;
  return {
    id: row.id,
    actionId: row.action_id,
    endpointId: row.endpoint_id,
    ordinal: row.ordinal,
    parameters,
    state: row.state,
    ring: row.ring === 0 ? 'later' : row.ring,
    createdAt: row.created_at,
    deadline: row.deadline,
    acceptedAt: row.accepted_at,
    endedAt: row.ended_at,
    stopRequestedAt: row.stop_requested_at,
    lateStopAt: row.late_stop_at,
    report: report === null || signature === null ? null : { bytes: report, signature },
    round: row.round,
    retriedBy: row.retried_by,
    confirmedAt: row.confirmed_at,
    confirmationAwaitedAt: row.confirmation_awaited_at,
  };
}

function toTaskRow(task: Task, parametersJson: string): TaskRow {
  return {
    id: task.id,
    action_id: task.actionId,
    endpoint_id: task.endpointId,
    ordinal: task.ordinal,
    verb: task.parameters.verb,
    sha256: hashOf(task.parameters),
    parameters_json: parametersJson,
    state: task.state,
    created_at: task.createdAt,
    deadline: task.deadline,
    accepted_at: task.acceptedAt,
    ended_at: task.endedAt,
    report: task.report?.bytes ?? null,
    report_signature: task.report?.signature ?? null,
    superseded_by: null,
    stop_requested_at: task.stopRequestedAt,
    late_stop_at: task.lateStopAt,
    files_count: task.parameters.verb === 'fetch' ? task.parameters.files.length : 1,
    round: task.round,
    retried_by: task.retriedBy,
    confirmed_at: task.confirmedAt,
    confirmation_awaited_at: task.confirmationAwaitedAt,
    ring: task.ring === 'later' ? 0 : task.ring,
  };
}

/** The one hash that a task is about, where there is one. */
function hashOf(parameters: TaskParameters): Sha256 | null {
  return 'sha256' in parameters ? parameters.sha256 : null;
}

/** A fan-out gives all its tasks the same parameters object, so each is written out once. */
export function toTaskRows(tasks: readonly Task[]): readonly TaskRow[] {
  const written = new Map<TaskParameters, string>();
  return tasks.map((task) => {
    const json = written.get(task.parameters) ?? writeTaskParameters(task.parameters);
    written.set(task.parameters, json);
    return toTaskRow(task, json);
  });
}
