import type { Permission } from './permission.ts';
import { demandPermission, type Principal } from './principal.ts';

/** Something that is under way. */
export interface Stoppable {
  readonly startedBy: Pick<Principal, 'kind' | 'id'>;
  /** What starting such a thing needs. */
  readonly needed: readonly Permission[];
}

/**
 * Whoever may start a thing may stop their own; stopping what another started needs `actions.cancel` beside it.
 * @throws Fault `permission_denied`
 */
export function demandMayStop(principal: Principal, { startedBy, needed }: Stoppable): void {
  for (const permission of needed) {
    demandPermission(principal, permission);
  }
  if (principal.kind !== startedBy.kind || principal.id !== startedBy.id) {
    demandPermission(principal, 'actions.cancel');
  }
}
