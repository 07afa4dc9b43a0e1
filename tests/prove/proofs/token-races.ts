import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Store } from '#core/ports/store/store.ts';
import { systemRandom } from '#server/system-random.ts';
import { openPostgresStore } from '#store/open-postgres-store.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { raceForTokens } from '../../conformance/enrolment-race.ts';
import { testClock } from '../../conformance/store/place.ts';
import { makePostgresPlace, postgresServer } from '../../store/postgres-place.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';

const all = 10_000;
const few = 200;
/** A machine that is busy with other proofs must not look like a token that nobody could use. */
const deadline = 60_000;
const what = 'two enrolments at once with one one-time token, on';

/** P37: of two machines that enrol at the same moment with one one-time token, exactly one gets in. */
export const tokenRaces: Proof = {
  name: 'token-races',
  promises: ['P37'],
  run: async (context) => [await onSqlite(context), ...(await onPostgres(context))],
};

async function onSqlite(context: ProofContext) {
  const file = path.join(context.scratch, `races-${randomUUID()}.db`);
  const store = await openSqliteStore({ path: file, deadline, clock: testClock });
  return race(context, 'SQLite', store);
}

/** `tools/with-postgres.sh` runs a server to try it on. */
async function onPostgres(context: ProofContext) {
  if (postgresServer === undefined) {
    context.say('P37 is not tried on PostgreSQL here: tools/with-postgres.sh npm run prove -- --only token-races');
    return [];
  }
  const place = await makePostgresPlace();
  try {
    const store = await openPostgresStore({ url: place.url, deadline, clock: testClock });
    return [await race(context, 'PostgreSQL', store)];
  } finally {
    await place.remove();
  }
}

async function race(context: ProofContext, database: string, store: Store) {
  const tally = new Tally(context, 'P37', `${what} ${database}`);
  try {
    const trials = context.sample ? few : all;
    tally.many(trials, await raceForTokens(store, systemRandom, trials), 'not exactly one of the two got in');
    return tally.row();
  } finally {
    await store.close();
  }
}
