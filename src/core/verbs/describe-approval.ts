import type { Action } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { type ApprovalState, approvalState, type KnownApproval } from '../guard/approval.ts';
import type { Ports } from '../ports/ports.ts';
import type { ApprovalFilter } from '../ports/store/approvals.ts';
import type { Listing, Page } from '../ports/store/page.ts';
import { eligibleApprovers, type Needed, neededOf } from './eligible-approvers.ts';
import { noApproval } from './pending-approval.ts';

export interface DescribedApproval {
  readonly approval: KnownApproval;
  readonly state: ApprovalState;
  readonly action: Action;
}

/** What one action waits, or waited, for; `needed` is null where nothing lets it out any more. @throws Fault `not_found` */
export async function describeApproval(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  id: ActionId,
): Promise<DescribedApproval & { readonly needed: Needed | null }> {
  const described = await store.read(async (reader) => {
    const approval = await reader.approvals.byAction(id);
    const action = await reader.actions.byId(id);
    if (approval === undefined || action === undefined) {
      return undefined;
    }
    const state = approvalState(approval, clock.now());
    if (state !== 'waiting') {
      return { approval, state, action, needed: null };
    }
    const tasks = (await reader.tasks.byAction(id)).filter(({ round }) => round === approval.round);
    const endpointIds = tasks.map(({ endpointId }) => endpointId);
    const needed = neededOf(await eligibleApprovers(reader, endpointIds), approval, approval.requestedBy);
    return { approval, state, action, needed };
  });
  if (described === undefined) {
    throw noApproval(id);
  }
  return described;
}

/** Newest action first; with `onlyWaiting`, those that somebody can still decide. */
export async function listApprovals(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { onlyWaiting }: { readonly onlyWaiting: boolean },
  page: Page,
): Promise<Listing<DescribedApproval>> {
  const now = clock.now();
  const filter: ApprovalFilter = onlyWaiting ? { waitingAt: now } : {};
  return store.read(
    async (reader) => {
      const { items, total } = await reader.approvals.list(filter, page);
      const found = await reader.actions.byIds(items.map(({ actionId }) => actionId));
      const actions = new Map(found.map((action) => [action.id, action]));
      const described = items.flatMap((approval): DescribedApproval[] => {
        const action = actions.get(approval.actionId);
        return action === undefined ? [] : [{ approval, action, state: approvalState(approval, now) }];
      });
      return { items: described, total };
    },
    { search: true },
  );
}

/** How many actions somebody can still decide. */
export async function countWaiting({ store, clock }: Pick<Ports, 'store' | 'clock'>): Promise<number> {
  const filter = { waitingAt: clock.now() };
  return (await store.read(({ approvals }) => approvals.list(filter, { offset: 0, limit: 0 }), { search: true })).total;
}
