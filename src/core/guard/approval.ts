import type { Action } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Milliseconds } from '../time.ts';
import type { BrokenRule } from './guard.ts';

export const verdicts = ['approved', 'confirmed', 'bypassed', 'refused', 'expired'] as const;

/**
 * How it ended: a second person approved, the requester confirmed by typing the counts where there is no second person, somebody
 * broke the glass, somebody refused, or nobody did anything in time.
 */
export type Verdict = (typeof verdicts)[number];

export interface Decision {
  readonly verdict: Verdict;
  readonly at: Milliseconds;
  readonly by: NewEvent['actor'];
  /** In the words of who decided; may be empty, but for a refusal and a broken glass. */
  readonly reason: string;
}

/** What an action waited for, or waits for, before any agent is told of it (promises P56, P76). Nothing but the decision ever changes. */
export interface Approval {
  readonly actionId: ActionId;
  /** Of the tasks that it is about: an action that is retried may have to wait again. */
  readonly round: number;
  /** Never empty. */
  readonly rules: readonly BrokenRule[];
  readonly endpointsCount: number;
  readonly filesCount: number;
  /** What `approvalDigest` says of the action; who approves repeats it. */
  readonly digest: string;
  readonly requestedBy: Action['principal'];
  /** The user at whose word it was ordered; null where no user stands behind the principal. */
  readonly requester: string | null;
  readonly requestedAt: Milliseconds;
  /** Until then it can be approved; its tasks have the same deadline. */
  readonly expiresAt: Milliseconds;
  /** How long the order waits for its endpoints from the approval on. */
  readonly lifetime: Milliseconds;
  /** Null while nobody has decided. */
  readonly decision: Decision | null;
}

/** As the store tells it. */
export interface KnownApproval extends Approval {
  /** Whether any of the tasks that it is about is held: else there is nothing to approve. */
  readonly isHeld: boolean;
}

export const approvalStates = ['waiting', ...verdicts, 'withdrawn'] as const;

/** `withdrawn`: all that it was about was cancelled before anybody decided. */
export type ApprovalState = (typeof approvalStates)[number];

/** Overdue counts as expired even before that is written. */
export function approvalState({ decision, isHeld, expiresAt }: KnownApproval, now: Milliseconds): ApprovalState {
  if (decision !== null) {
    return decision.verdict;
  }
  if (!isHeld) {
    return 'withdrawn';
  }
  return now >= expiresAt ? 'expired' : 'waiting';
}
