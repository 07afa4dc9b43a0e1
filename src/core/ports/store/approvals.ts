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
  byAction(id: ActionId): Promise<KnownApproval | undefined>;
  /** In no particular order; actions that never waited for one are left out. Any number of ids. */
  byActions(ids: readonly ActionId[]): Promise<readonly KnownApproval[]>;
  /** Newest action first. */
  list(filter: ApprovalFilter, page: Page): Promise<Listing<KnownApproval>>;
}

export interface ApprovalWriter extends ApprovalReader {
  /** Of actions that are in the store. @throws Fault `conflict` when an action has one. */
  insert(approvals: readonly Omit<Approval, 'decision'>[]): Promise<void>;
  /** Guarded: of several, one is taken. @returns false when it was decided before, or there is none. */
  decide(id: ActionId, decision: Decision): Promise<boolean>;
  /** As `decide`, with `expired`, for what is overdue at `at`. @returns those that nobody had decided. */
  expire(ids: readonly ActionId[], decision: Omit<Decision, 'verdict'>): Promise<readonly ActionId[]>;
}
