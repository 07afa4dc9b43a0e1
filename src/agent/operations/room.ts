import type { Clock } from '#core/ports/clock.ts';
import type { Platform } from '../platform/platform.ts';
import type { EndpointPolicy } from '../policy/policy.ts';
import type { MayBegin } from './may-begin.ts';

/** What every operation in a child has at hand. */
export interface Room {
  readonly platform: Platform;
  readonly clock: Pick<Clock, 'now'>;
  /** Says that bytes are moving, so that the parent does not take the child for stuck. */
  readonly progress: () => void;
}

/** The keys that vault objects are locked to and opened with. */
export interface VaultKeys {
  readonly identity: string;
  readonly recipient: string;
  readonly recoveryRecipient: string;
}

/** A room with the vault in it. */
export interface VaultRoom extends Room {
  /** Asked before each file that is moved; for what was begun before, nobody is asked. */
  readonly mayBegin: () => Promise<MayBegin>;
  readonly vault: string;
  readonly keys: VaultKeys;
  /** What belongs to the agent and is never taken: its data directory and its program. */
  readonly own: readonly string[];
  /** What the endpoint's owner forbids, asked again here where a path turns out to be another one. */
  readonly policy: EndpointPolicy;
}
