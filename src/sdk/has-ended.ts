import type { ActionStatus } from '#core/action/action-status.ts';

/** Total, so that a new status does not compile until someone has said. */
const ended: Record<ActionStatus, boolean> = {
  held: false,
  pending: false,
  in_progress: false,
  cancelling: false,
  completed_successfully: true,
  completed_partial: true,
  failed: true,
  cancelled: true,
  aborted: true,
  expired: true,
  timeout: true,
};

/** Whether an action, or what is ordered on one endpoint, has ended. */
export function hasEnded({ status }: { readonly status: ActionStatus }): boolean {
  return ended[status];
}
