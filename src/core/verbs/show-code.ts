import type { User } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandHalfSession, recordWrongStep } from './half-session.ts';

export interface ShowCode {
  readonly token: string | undefined;
  readonly code: string;
  readonly remoteAddress: string;
}

/**
 * The second step of a log-in: a code that the user's application shows, each of which counts once (RFC 6238, 5.2).
 * @throws Fault `unauthenticated` for a wrong or used code, or where no session waits for one
 */
export async function showCode(
  ports: Pick<Ports, 'store' | 'clock' | 'oneTimeCodes' | 'secrets'>,
  { token, code, remoteAddress }: ShowCode,
): Promise<User> {
  const half = await demandHalfSession(ports, token, 'second_factor');
  if (!(await takeCode(ports, half.user, code))) {
    await recordWrongStep(ports, half, remoteAddress);
    throw new Fault('unauthenticated', 'The code is wrong, or was used before.', { details: { what: 'code' } });
  }
  const { tokenHash } = half.session;
  await ports.store.transact(({ credentials }) => credentials.updateSession({ tokenHash, stage: 'open', failures: 0 }));
  return half.user;
}

/** @returns whether the code is right, and had not been used. */
export async function takeCode(
  ports: Pick<Ports, 'store' | 'clock' | 'oneTimeCodes' | 'secrets'>,
  { id, secondFactor }: Pick<User, 'id' | 'secondFactor'>,
  code: string,
): Promise<boolean> {
  if (secondFactor === null) {
    return false;
  }
  const step = ports.oneTimeCodes.stepOf(ports.secrets.open(secondFactor.sealedSecret), code.trim(), ports.clock.now());
  return step !== undefined && (await ports.store.transact(({ credentials }) => credentials.takeStep(id, step)));
}
