import { acceptClock } from '#core/verbs/accept-clock.ts';
import { instantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { acceptClock as contract } from '../schemas/clock.ts';
import { showClockDoubt } from '../show-clock-doubt.ts';

export const acceptClockOperation = guarded(
  contract,
  { permission: 'server.manage', licence: [] },
  async ({ body }, { ports, principal }) => {
    const ended = await acceptClock(ports, principal, body.reason);
    return { time: instantOf(ports.clock.now()), ended: showClockDoubt(ended) };
  },
);
