import type { Clock } from '#core/ports/clock.ts';
import type { VaultRoom } from '../operations/room.ts';
import type { ChildMessage } from './job.ts';

/** What every job in a child has at hand. */
export interface ChildRoom extends Pick<VaultRoom, 'platform' | 'progress' | 'mayBegin'> {
  readonly clock: Clock;
  readonly say: (message: ChildMessage) => void;
  /** The frames that follow the job. */
  readonly requests: AsyncIterable<unknown>;
}
