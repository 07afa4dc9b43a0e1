import type { FileOutcome } from '#core/action/action.ts';
import type { Json } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { type Presence, presenceOf } from '#core/endpoint/presence.ts';
import { isSuccess } from '#core/outcome.ts';
import type { Milliseconds } from '#core/time.ts';
import type { DescribedTask } from '#core/verbs/describe-action.ts';
import { describeOutcome } from '../outcome-words.ts';
import { cortexStatus } from '../status.ts';
import type { ScriptName } from './library.ts';

const endpointStatus: Readonly<Record<Presence, string>> = {
  connected: 'STATUS_010_CONNECTED',
  disconnected: 'STATUS_020_DISCONNECTED',
  lost: 'STATUS_030_LOST',
};

/** How a script fared on one endpoint. */
export function scriptResult(
  { task, status, outcomes }: DescribedTask,
  {
    name,
    endpoint,
    now,
  }: { readonly name: ScriptName; readonly endpoint: Endpoint | undefined; readonly now: Milliseconds },
): Json {
  const [first] = outcomes;
  return {
    endpoint_name: endpoint?.hostName ?? '',
    endpoint_ip_address: endpoint?.addresses ?? [],
    endpoint_status: endpoint === undefined ? '' : endpointStatus[presenceOf(endpoint, now)],
    domain: endpoint?.domain ?? '',
    endpoint_id: task.endpointId,
    execution_status: cortexStatus[status],
    standard_output: first === undefined ? null : output(name, first),
    retrieved_files: 0,
    failed_files: 0,
    retention_date: null,
    _return_value: first === undefined ? null : returnValue(name, first),
  };
}

type Returned = 'True' | 'False' | null;

/**
 * As Python writes a boolean: one client takes text only. Null where the endpoint could not tell: what was not looked at is not
 * absent.
 */
function returnValue(name: ScriptName, outcome: FileOutcome): Returned {
  if (!isSuccess(outcome.outcome)) {
    return name === 'delete_file' ? 'False' : null;
  }
  if (name === 'delete_file' || outcome.path !== null) {
    return 'True';
  }
  return outcome.losses.length === 0 ? 'False' : null;
}

function output(name: ScriptName, outcome: FileOutcome): string | null {
  if (!isSuccess(outcome.outcome)) {
    return describeOutcome(outcome);
  }
  if (name === 'delete_file') {
    return `The file is in the vault of its endpoint; its SHA-256 is ${outcome.sha256 ?? 'unknown'}.`;
  }
  return outcome.losses.length === 0 ? null : outcome.losses.join('\n');
}
