import type { FileOutcome } from '#core/action/action.ts';
import type { ActionStatus } from '#core/action/action-status.ts';
import type { Json } from '#core/custody/event.ts';
import { isSuccess } from '#core/outcome.ts';
import type { DescribedTask } from '#core/verbs/describe-action.ts';
import { describeOutcome } from './outcome-words.ts';

/** Which statuses have a reason, and what it is when the endpoint has said nothing. */
const silentReasons: Readonly<Record<ActionStatus, string | undefined>> = {
  pending: undefined,
  in_progress: undefined,
  completed_successfully: undefined,
  completed_partial: 'Not everything was done.',
  failed: 'Nothing was done.',
  cancelling: undefined,
  cancelled: undefined,
  aborted: undefined,
  expired: 'The endpoint did not take the order before its deadline.',
  timeout: 'The endpoint took the order but did not report before its deadline.',
};

/**
 * The entry of one endpoint in `errorReasons`; undefined where nothing failed. Connectors show `errorDescription`, or
 * else the first of `missing_files`.
 */
export function errorReason({ task, status, outcomes }: DescribedTask): Json | undefined {
  const silent = silentReasons[status];
  if (silent === undefined) {
    return undefined;
  }
  const failed = outcomes.filter(({ outcome }) => !isSuccess(outcome) && outcome !== 'expired');
  const first = failed[0];
  const description = first === undefined ? silent : describeOutcome(first);
  if (task.parameters.verb === 'fetch' && failed.length > 0) {
    return { errorDescription: description, missing_files: failed.map(missingFile) };
  }
  const path = first?.displayPath ?? '';
  return path === '' ? { errorDescription: description } : { errorDescription: description, file_path: path };
}

function missingFile(outcome: FileOutcome): Json {
  return { file_path: outcome.displayPath, description: describeOutcome(outcome) };
}
