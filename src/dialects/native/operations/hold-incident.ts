import { holdIncident, releaseIncident } from '#core/verbs/hold-incident.ts';
import { guarded } from '../operation.ts';
import { holdIncident as hold, releaseIncident as release } from '../schemas/incident.ts';
import { showHold } from '../show-incident.ts';

/** Whoever works on an incident may hold it; to release it is to let its evidence be deleted. */
export const holdOperations = [
  guarded(
    hold,
    { permission: 'incidents.manage', licence: [] },
    async ({ parameters: { incident }, body: { reason } }, { ports, principal }) =>
      showHold(await holdIncident(ports, principal, { incident, reason })),
  ),
  guarded(
    release,
    { permission: 'evidence.delete', licence: [] },
    async ({ parameters: { incident }, body: { reason } }, { ports, principal }) => {
      await releaseIncident(ports, principal, { incident, reason });
      return undefined;
    },
  ),
] as const;
