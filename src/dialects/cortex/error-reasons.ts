import type { FileOutcome } from '#core/action/action.ts';
import type { ActionStatus } from '#core/action/action-status.ts';
import type { Json } from '#core/custody/event.ts';
import { fileName } from '#core/file/file-path.ts';
import { isSuccess } from '#core/outcome.ts';
import type { DescribedTask } from '#core/verbs/describe-action.ts';
import { describeOutcome } from './outcome-words.ts';
import { pythonJson } from './python-json.ts';

/** Which statuses have a reason, and what it is when the endpoint has said nothing. */
const silentReasons: Readonly<Record<ActionStatus, string | undefined>> = {
  held: 'The order is wider than one person may give; it waits until a second one approves it, and no endpoint is told before.',
  pending: undefined,
  in_progress: undefined,
  completed_successfully: undefined,
  completed_partial: 'Not everything was done.',
  failed: 'Nothing was done.',
  cancelling: undefined,
  cancelled: 'The order was withdrawn before the endpoint had it.',
  aborted: 'The endpoint was asked to stop, and did nothing.',
  expired: 'The endpoint did not take the order before its deadline.',
  timeout: 'The endpoint took the order but did not report before its deadline.',
};

/** A restore by hash may fail for any number of copies on one endpoint. */
const mostFiles = 100;

type Members = { readonly [key: string]: Json };

/**
 * The entry of one endpoint in `errorReasons`; undefined where nothing failed. Connectors show `errorDescription`, or
 * else the first of `missing_files`. Keys of the vendor's about which nothing is known here, such as `bucket`, are left out.
 * @param stoppedBy who stopped the task, where somebody did and it is known.
 */
export function errorReason({ task, status, outcomes }: DescribedTask, stoppedBy?: string): Json | undefined {
  const silent = silentReasons[status];
  if (silent === undefined) {
    return undefined;
  }
  const failed = outcomes.filter(({ outcome }) => !isSuccess(outcome));
  const [first] = failed;
  const isSilent = first === undefined || (first.outcome === 'expired' && first.reason !== 'not_approved');
  return {
    errorDescription: isSilent ? silent : describeOutcome(first),
    ...(first !== undefined && !isSilent && { ...errorText(first), errorData: errorData(task, failed) }),
    ...(first !== undefined && fileFacts(first)),
    ...(task.parameters.verb === 'fetch' && failed.length > 0 && { missing_files: failed.map(missingFile) }),
    ...(stoppedBy !== undefined && { terminated_by: stoppedBy }),
  };
}

/** The agent's own words, or the server's where it ended the task. */
function errorText({ message }: FileOutcome): Members {
  return message === '' ? {} : { errorText: message };
}

/** JSON in text, as the vendor has it: what the signed report says, for people who look closer. */
function errorData({ id, report }: DescribedTask['task'], failed: readonly FileOutcome[]): string {
  const [first] = failed;
  return pythonJson({
    reportIds: report === null ? [] : [id],
    errorText: first?.message ?? '',
    files: failed.slice(0, mostFiles).map(({ displayPath, outcome, reason, message }) => ({
      file_path: displayPath,
      outcome,
      reason,
      errorText: message,
    })),
  });
}

function fileFacts({ path, displayPath, size }: FileOutcome): Members {
  return {
    ...(path !== null && { file_name: fileName(path), file_path: displayPath }),
    ...(size !== null && { file_size: size }),
  };
}

function missingFile(outcome: FileOutcome): Json {
  return { file_path: outcome.displayPath, description: describeOutcome(outcome) };
}
