import type { ActionId } from '../../action/action-id.ts';
import type { Approval, Decision, KnownApproval } from '../../guard/approval.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface ApprovalFilter {
  /** Only what waits at this moment: held, not decided, not overdue. */
  readonly waitingAt?: Milliseconds;
  /** Only what somebody let out alone then or later. */
  readonly bypassedFrom?: Milliseconds;
}

export interface ApprovalReader {
  /** The newest one of the action. */
  byAction(id: ActionId): Promise<KnownApproval | undefined>;
  /** The newest one of each, in no particular order; actions that never waited for one are left out. Any number of ids. */
  byActions(ids: readonly ActionId[]): Promise<readonly KnownApproval[]>;
  /** All there were, those that were asked for last first. */
  list(filter: ApprovalFilter, page: Page): Promise<Listing<KnownApproval>>;
}

export interface ApprovalWriter extends ApprovalReader {
  /** Of actions that are in the store. @throws Fault `conflict` when an action has one of that round. */
  insert(approvals: readonly Omit<Approval, 'decision'>[]): Promise<void>;
  /** The newest one of the action; guarded: of several decisions, one is taken. @returns false when it was decided before, or there is none. */
  decide(id: ActionId, decision: Decision): Promise<boolean>;
  /** As `decide`, with `expired`, for those that are overdue at `at`. @returns those that nobody had decided. */
  expire(ids: readonly ActionId[], decision: Omit<Decision, 'verdict'>): Promise<readonly ActionId[]>;
}
