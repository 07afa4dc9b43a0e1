import { asFault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { readEmergencyStop } from '#core/verbs/read-emergency-stop.ts';
import { version } from '#core/version.ts';
import { instantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { readServer } from '../schemas/server.ts';
import { showEngagedStop } from '../show-emergency-stop.ts';

export const readServerOperation = guarded(
  readServer,
  { permission: 'actions.read', licence: [] },
  async (_, { ports }) => ({
    version,
    time: instantOf(ports.clock.now()),
    publicUrl: ports.policy.publicUrl,
    licences: [...ports.policy.licences],
    evidence: await evidenceState(ports),
    emergencyStop: showEngagedStop(await readEmergencyStop(ports)),
  }),
);

async function evidenceState({ blobs, log }: Pick<Ports, 'blobs' | 'log'>) {
  if (blobs === undefined) {
    return { state: 'off', message: 'Evidence storage is switched off (CUSTODY_EVIDENCE).' } as const;
  }
  try {
    await blobs.demandWritable();
    return { state: 'ready', message: '' } as const;
  } catch (cause) {
    log.warn('Evidence storage takes nothing.', { cause });
    return { state: 'unavailable', message: asFault(cause).message } as const;
  }
}
