import { Fault } from '#core/fault.ts';
import type { Milliseconds } from '#core/time.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { guarded } from '../operation.ts';
import { createKey as contract } from '../schemas/key.ts';
import { showKey } from '../show-access.ts';

export const createKeyOperation = guarded(
  contract,
  { permission: 'access.manage', licence: [] },
  async ({ body }, { ports, principal }) => {
    const expiresAt = body.expiresAt === null ? null : futureTime(body.expiresAt, ports.clock.now());
    const { key, secret } = await createKey(ports, principal, { ...body, expiresAt });
    return { ...showKey(key), secret };
  },
);

function futureTime(text: string, now: Milliseconds): Milliseconds {
  const time = Date.parse(text);
  if (time <= now) {
    throw new Fault('invalid_request', 'expiresAt: a new key cannot have expired already.', {
      details: { in: 'body', field: 'expiresAt' },
    });
  }
  return time;
}
