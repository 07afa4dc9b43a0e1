import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Net } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import type { Milliseconds } from '#core/time.ts';
import type { DataDirectory } from './identity/data-directory.ts';
import type { Identity } from './identity/identity.ts';
import type { Pace } from './inventory/reconciler.ts';
import type { Servers } from './link/servers.ts';
import type { PolicyPlace } from './policy/read-policy.ts';

/** Everything that an agent is put together from. */
export interface AgentWorld {
  readonly directory: DataDirectory;
  readonly identity: Identity;
  readonly roots: readonly string[];
  /** Absolute; beside the agent's own. */
  readonly protect: readonly string[];
  readonly policy: PolicyPlace;
  readonly net: Net;
  readonly servers: Servers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly childCommand: readonly [string, ...string[]];
  readonly patience: Milliseconds;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}
