import { z } from 'zod';
import { keyLevels } from '#core/access/credential.ts';
import { covers, type Role } from '#core/access/role.ts';
import { day, type Milliseconds } from '#core/time.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { wholeNumberText } from '#core/whole-number.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { noLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields, wrongField } from '../read-fields.ts';
import { demandRoles } from '../role-names.ts';

const defaultLife: Milliseconds = 7 * day;
/** Six months, at their longest. */
const longestLife: Milliseconds = 184 * day;
const longestComment = 2_000;
/** A key is called in events by the beginning of its comment; what this dialect calls a name it has not. */
const longestName = 200;

const fields = z.object({
  roles: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z
      .array(z.string('must be a string'), 'must be a list of role names')
      .min(1, 'must name at least one role')
      .max(100, 'must name at most 100 roles'),
  ),
  security_level: z
    .string('must be a string')
    .toLowerCase()
    .pipe(z.enum(keyLevels, `must be ${keyLevels.join(' or ')}`)),
  expiration: z.union([z.int(), wholeNumberText], 'must be a time in milliseconds').nullish(),
  comment: z.string('must be a string').max(longestComment, `must have at most ${longestComment} characters`).nullish(),
});

/** Generate an API Key: the one time that its secret is shown. */
export const generateApiKey: GuardedOperation = {
  method: 'POST',
  paths: callPaths('api_keys/generate'),
  access: { permission: 'access.manage', licence: noLicence },
  async run({ request, ports, principal }) {
    const asked = readFields(fields, (await readBody(request)).data);
    const comment = asked.comment ?? '';
    const { key, secret } = await createKey(ports, principal, {
      name: comment.slice(0, longestName),
      comment,
      role: oneRole(await demandRoles(ports, asked.roles)).name,
      level: asked.security_level,
      expiresAt: expiration(asked.expiration ?? undefined, ports.clock.now()),
    });
    return reply({ id: key.id, key: secret });
  },
};

/** A key of ours has one role: of several, the one that may do all that the others may. */
function oneRole(asked: readonly Role[]): Role {
  const widest = asked.find((role) => asked.every((other) => covers(role, other)));
  if (widest === undefined) {
    throw wrongField(
      'roles',
      `a key has one role here, and none of ${asked.map(({ name }) => name).join(', ')} includes the others`,
    );
  }
  return widest;
}

function expiration(asked: Milliseconds | undefined, now: Milliseconds): Milliseconds {
  const time = asked ?? now + defaultLife;
  if (time <= now || time > now + longestLife) {
    throw wrongField('expiration', 'must be a time in milliseconds, in the future and at most six months away');
  }
  return time;
}
