import type { Policy } from '../ports/policy.ts';
import { type Milliseconds, minute } from '../time.ts';
import type { Session } from './credential.ts';

export interface SessionLimits {
  readonly now: Milliseconds;
  readonly policy: Pick<Policy, 'nativeSession'>;
}

/** Whether a session has neither come to its end nor lain idle for too long. Of the vendors' APIs none ends by idleness. */
export function isLive(session: Session, { now, policy }: SessionLimits): boolean {
  const { idle } = policy.nativeSession;
  const isIdle = session.dialect === 'native' && idle !== null && now - session.lastUsedAt >= idle;
  return session.expiresAt > now && !isIdle;
}

/**
 * Whether the time of its last use has to be written down anew: a session never lives on for longer than it may, and ends early by no
 * more than a tenth of its idle time, and a minute, so that not every request is a write.
 */
export function isUseDue({ lastUsedAt }: Session, { now, policy }: SessionLimits): boolean {
  const { idle } = policy.nativeSession;
  return now - lastUsedAt >= Math.min(minute, (idle ?? minute * 10) / 10);
}
