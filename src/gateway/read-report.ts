import { z } from 'zod';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { ReceivedReport } from '#core/verbs/received-report.ts';
import { decode } from '#wire/codec.ts';
import { type Report, reportSchema } from '#wire/report.ts';
import type { SessionEndpoint, Statement } from './agent-session.ts';

export type ReportMessage = Extract<Statement, { type: 'report' }>;

/** A report that cannot be recorded, for a reason that its agent may be told. */
export interface FlawedReport {
  readonly taskId: TaskId;
  readonly flaw: string;
}

/**
 * What an agent reports, all but its signature checked.
 * @throws Fault `invalid_request` when the bytes are no report of any task.
 */
export function readReport(endpoint: SessionEndpoint, message: ReportMessage): ReceivedReport | FlawedReport {
  const report = parseReport(message.report);
  if ('flaw' in report) {
    return report;
  }
  const { actionId, taskId, finishedAt, files } = report;
  if (report.endpointId !== endpoint.id) {
    return { taskId, flaw: 'An agent reports for its own endpoint only.' };
  }
  return {
    endpoint,
    actionId,
    taskId,
    finishedAt,
    files,
    signed: { bytes: message.report, signature: message.signature },
  };
}

const taskOnlySchema = z.object({ taskId: taskIdSchema });

/** A malformed report that names its task is refused by that name, so that its agent stops sending it. */
function parseReport(bytes: Uint8Array): Report | FlawedReport {
  try {
    return decode(bytes, reportSchema);
  } catch (thrown) {
    const flaw = thrown instanceof Fault ? thrown.message : 'The report is malformed.';
    return { taskId: decode(bytes, taskOnlySchema).taskId, flaw: flaw.slice(0, 500) };
  }
}
