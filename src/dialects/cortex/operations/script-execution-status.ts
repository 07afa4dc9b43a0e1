import type { ActionStatus } from '#core/action/action-status.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { scriptLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readExecution } from '../scripts/execution.ts';
import { cortexStatus } from '../status.ts';

/** The vendor's counters have no room for a partial success, which one file cannot have either. */
const counters: Readonly<Record<ActionStatus, string>> = {
  held: 'endpoints_pending',
  pending: 'endpoints_pending',
  in_progress: 'endpoints_in_progress',
  completed_successfully: 'endpoints_completed_successfully',
  completed_partial: 'endpoints_failed',
  failed: 'endpoints_failed',
  cancelling: 'endpoints_pending_abort',
  cancelled: 'endpoints_canceled',
  aborted: 'endpoints_aborted',
  expired: 'endpoints_expired',
  timeout: 'endpoints_timeout',
};

/** Get Script Execution Status: on how many endpoints it stands how. */
export const scriptExecutionStatus: GuardedOperation = {
  method: 'POST',
  paths: callPaths('scripts/get_script_execution_status'),
  access: { permission: 'actions.read', licence: scriptLicence },
  async run({ request, ports }) {
    const { described } = await readExecution(ports, (await readBody(request)).data);
    const counts = new Map(Object.values(counters).map((counter) => [counter, 0]));
    for (const { status } of described.tasks) {
      counts.set(counters[status], (counts.get(counters[status]) ?? 0) + 1);
    }
    return reply({
      general_status: cortexStatus[described.status],
      error_message: '',
      ...Object.fromEntries(counts),
    });
  },
};
