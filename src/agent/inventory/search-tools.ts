import type { SearchParameters } from '#core/action/verb.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Room } from '../operations/room.ts';
import type { EndpointPolicy } from '../policy/policy.ts';

export interface SearchJob {
  /** The file of the index. */
  readonly database: string;
  readonly roots: readonly FilePath[];
  /** Paths of our own that are not searched, with all below them. */
  readonly skip: readonly string[];
  readonly policy: EndpointPolicy;
  readonly parameters: SearchParameters;
  readonly patience: Milliseconds;
}

export interface SearchTools extends SearchJob {
  readonly room: Pick<Room, 'platform' | 'progress'> & { readonly clock: Pick<Clock, 'monotonic'> };
}
