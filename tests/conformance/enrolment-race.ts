import { createHash } from 'node:crypto';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { asFault } from '#core/fault.ts';
import type { Random } from '#core/ports/random.ts';
import type { Store } from '#core/ports/store/store.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
import { hashToken } from '#core/verbs/log-in.ts';
import { testClock } from './store/place.ts';

const facts: HostFacts = {
  ...{ hostName: 'host', platform: 'linux', operatingSystem: 'Debian', operatingSystemVersion: '13' },
  ...{ architecture: 'x64', addresses: [], macAddresses: [], users: [], domain: '', agentVersion: '0.1.0' },
  ...{ roots: [], limitations: [] },
};

/** Of one batch: their races run side by side, so that the store has more than two writers at once. */
const racesAtOnce = 10;

/**
 * Lets two machines enrol at the same moment with one one-time token, again and again (promise P37).
 * @returns in how many of the trials not exactly one of them got in.
 */
export async function raceForTokens(store: Store, random: Random, trials: number): Promise<number> {
  const ports = { store, random, clock: testClock };
  let wrong = 0;
  for (let begun = 0; begun < trials; begun += racesAtOnce) {
    const tokens = Array.from({ length: Math.min(racesAtOnce, trials - begun) }, () => random.uuid());
    await store.transact(async ({ credentials }) => {
      for (const token of tokens) {
        await credentials.insertToken({
          ...{ id: token, tokenHash: hashToken(token), usesLeft: 1, tags: [], createdAt: 1, createdBy: 'race' },
          ...{ expiresAt: Number.MAX_SAFE_INTEGER, addresses: [], revokedAt: null },
        });
      }
    });
    const enrol = (token: string) => {
      const devicePublicKey = createHash('sha256').update(random.uuid()).digest();
      return enrolEndpoint(ports, {
        token,
        devicePublicKey,
        vaultRecipient: 'age1',
        facts,
        remoteAddress: '192.0.2.1',
      });
    };
    const races = await Promise.all(tokens.map((token) => Promise.allSettled([enrol(token), enrol(token)])));
    wrong += races.filter((race) => !isFair(race)).length;
  }
  return wrong;
}

function isFair(race: readonly PromiseSettledResult<unknown>[]): boolean {
  const refused = race.flatMap((each) => (each.status === 'rejected' ? [asFault(each.reason).code] : []));
  return refused.length === 1 && refused[0] === 'unauthenticated';
}
