import { asFault } from '#core/fault.ts';
import type { FeedState } from '#core/feed/feed-state.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import type { Ports } from '#core/ports/ports.ts';
import { readEmergencyStop } from '#core/verbs/read-emergency-stop.ts';
import { serverAlerts } from '#core/verbs/server-alerts.ts';
import { version } from '#core/version.ts';
import { instantOf, nullableInstantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { readServer } from '../schemas/server.ts';
import { showClockDoubt } from '../show-clock-doubt.ts';
import { showEngagedStop } from '../show-emergency-stop.ts';

export const readServerOperation = guarded(
  readServer,
  { permission: 'actions.read', licence: [] },
  async (_, { ports, principal }) => ({
    version,
    time: instantOf(ports.clock.now()),
    clockDoubt: showClockDoubt(ports.clockGuard.doubt()),
    publicUrl: ports.policy.publicUrl,
    licences: [...ports.policy.licences],
    feeds: principal.scope.kind === 'all' ? (await ports.feeds.states()).map(showFeed) : [],
    evidence: await evidenceState(ports),
    emergencyStop: showEngagedStop(await readEmergencyStop(ports)),
    alerts: (await serverAlerts(ports)).map(({ by, at, ...alert }) => ({ ...alert, by: { ...by }, at: instantOf(at) })),
  }),
);

function showFeed({ feed, kind, paused, lag, failingSince, deadLetters }: FeedState) {
  return { feed, kind, paused, lag, failingSince: nullableInstantOf(failingSince), deadLetters };
}

async function evidenceState({ blobs, log }: Pick<Ports, 'blobs' | 'log'>) {
  const unknown = { freeBytes: null, reservedBytes: null };
  if (blobs === undefined) {
    return { state: 'off', message: 'Evidence storage is switched off (CUSTODY_EVIDENCE).', ...unknown } as const;
  }
  try {
    await blobs.demandWritable();
    const room = (await blobs.room()) ?? unknown;
    return { ...(await fullness(blobs)), ...room } as const;
  } catch (cause) {
    log.warn('Evidence storage takes nothing.', { cause });
    return { state: 'unavailable', message: asFault(cause).message, ...unknown } as const;
  }
}

async function fullness(blobs: BlobStore) {
  try {
    await blobs.demandRoom(0);
    return { state: 'ready', message: '' } as const;
  } catch (thrown) {
    return { state: 'full', message: asFault(thrown).message } as const;
  }
}
