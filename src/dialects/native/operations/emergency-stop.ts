import { engageEmergencyStop } from '#core/verbs/engage-emergency-stop.ts';
import { readEmergencyStop } from '#core/verbs/read-emergency-stop.ts';
import { releaseEmergencyStop } from '#core/verbs/release-emergency-stop.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import {
  engageEmergencyStop as engage,
  readEmergencyStop as read,
  releaseEmergencyStop as release,
} from '../schemas/emergency-stop.ts';
import { showEmergencyStop } from '../show-emergency-stop.ts';

/** One switch that halts what takes and deletes: read, engaged, released. */
export const emergencyStopOperations: readonly NativeOperation[] = [
  guarded(read, { permission: 'actions.read', licence: [] }, async (_, { ports }) =>
    showEmergencyStop(await readEmergencyStop(ports), ports.dispatch.stopHearing()),
  ),
  guarded(engage, { permission: 'emergency.stop', licence: [] }, async ({ body }, { ports, principal }) =>
    showEmergencyStop(await engageEmergencyStop(ports, principal, body.reason), ports.dispatch.stopHearing()),
  ),
  guarded(release, { permission: 'emergency.release', licence: [] }, async ({ body }, { ports, principal }) =>
    showEmergencyStop(await releaseEmergencyStop(ports, principal, body.reason), ports.dispatch.stopHearing()),
  ),
];
