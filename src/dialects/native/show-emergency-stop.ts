import type { z } from 'zod';
import { haltableVerbs, type StopSwitch } from '#core/guard/emergency-stop.ts';
import type { StopHearing } from '#core/ports/dispatch.ts';
import { instantOf } from './instant.ts';
import type { engagedStop, readEmergencyStop } from './schemas/emergency-stop.ts';

export function showEmergencyStop(
  stop: StopSwitch,
  { connected, confirmed, tooOld }: StopHearing,
): z.input<typeof readEmergencyStop.reply> {
  return { stop: showEngagedStop(stop), halts: [...haltableVerbs], agents: { connected, confirmed, tooOld } };
}

/** Null where nothing is halted. */
export function showEngagedStop({ stop }: StopSwitch): z.input<typeof engagedStop> | null {
  return stop === null ? null : { engagedAt: instantOf(stop.engagedAt), by: stop.by, reason: stop.reason };
}
