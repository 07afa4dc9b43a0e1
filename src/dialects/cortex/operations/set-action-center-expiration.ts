import type { SetLifetimes } from '#core/action/lifetimes.ts';
import { hour } from '#core/time.ts';
import { changeLifetimes } from '#core/verbs/change-lifetimes.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { expiringKinds } from '../expiration-words.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { type Members, readBody } from '../read-body.ts';
import { wrongField } from '../read-fields.ts';

const mostHours = 720;

/** Set Action Center Expiration: kinds of actions that are not named keep what they have. */
export const setActionCenterExpiration: GuardedOperation = {
  method: 'POST',
  paths: callPaths('configurations/agent/action_center_expiration/set'),
  access: { permission: 'server.manage', licence: anyLicence },
  async run({ request, ports, principal }) {
    await changeLifetimes(ports, principal, lifetimesOf((await readBody(request)).data));
    return reply(true);
  },
};

/** An unknown kind is refused: whoever sets one counts on it. */
function lifetimesOf(data: Members): SetLifetimes {
  return Object.fromEntries(
    Object.entries(data).map(([word, value]) => {
      const kind = expiringKinds.find(([, each]) => each === word);
      if (kind === undefined) {
        const known = expiringKinds.map(([, each]) => each).join(', ');
        throw wrongField(word, `no such action type expires here; there are ${known}`);
      }
      return [kind[0], hoursOf(word, value) * hour];
    }),
  );
}

/** A number, or digits in text. */
function hoursOf(word: string, value: unknown): number {
  const hours = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  if (typeof hours !== 'number' || !Number.isInteger(hours) || hours < 1 || hours > mostHours) {
    throw wrongField(word, `must be a whole number of hours from 1 to ${mostHours}`);
  }
  return hours;
}
