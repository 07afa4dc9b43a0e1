import type { CallLimits } from '../access/call-limits.ts';
import type { KeyLimits } from '../access/key-limits.ts';
import type { LogInLimits } from '../access/log-in-limits.ts';
import type { OpenStreams } from '../access/open-streams.ts';
import type { RequestLimits } from '../access/request-limits.ts';
import type { UploadProgress } from '../file/upload-progress.ts';
import type { RunningRequests } from '../idempotency/running-requests.ts';
import type { Archiver } from './archiver.ts';
import type { BlobStore } from './blobs.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Clock } from './clock.ts';
import type { ClockGuard } from './clock-guard.ts';
import type { Dispatch } from './dispatch.ts';
import type { Doorbell } from './doorbell.ts';
import type { EventBell } from './event-bell.ts';
import type { Feeds } from './feeds.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { Installation } from './installation.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { OneTimeCodes } from './one-time-codes.ts';
import type { Passwords } from './passwords.ts';
import type { Policy } from './policy.ts';
import type { Random } from './random.ts';
import type { Secrets } from './secrets.ts';
import type { Records, Store } from './store/store.ts';

/** As a server has them: the store is the whole one, to be narrowed for each caller. */
export interface WholePorts extends Ports {
  readonly store: Store;
}

/** Everything that the use cases ask of the outside; each takes a `Pick` of just what it needs. */
export interface Ports {
  readonly store: Records;
  /** Undefined while evidence storage is switched off. */
  readonly blobs: BlobStore | undefined;
  readonly uploadProgress: UploadProgress;
  readonly archiver: Archiver;
  readonly doorbell: Doorbell;
  readonly eventBell: EventBell;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly random: Random;
  readonly passwords: Passwords;
  readonly logInLimits: LogInLimits;
  readonly callLimits: CallLimits;
  readonly keyLimits: KeyLimits;
  readonly requestLimits: RequestLimits;
  readonly openStreams: OpenStreams;
  readonly runningRequests: RunningRequests;
  /** Undefined where people log in with passwords only. */
  readonly identityProvider: IdentityProvider | undefined;
  readonly oneTimeCodes: OneTimeCodes;
  readonly secrets: Secrets;
  readonly checkpoints: Checkpoints;
  readonly feeds: Feeds;
  readonly policy: Policy;
  readonly installation: Installation;
  readonly log: Log;
  readonly metrics: Metrics;
}
