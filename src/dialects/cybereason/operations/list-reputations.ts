import type { ListedHash } from '#core/list/listed-hash.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { showReputation } from '../reputation.ts';
import { compareBy, fits, type ReputationQuery, readReputationQuery } from '../reputation-query.ts';

const entriesPerRead = 10_000;

/**
 * `POST /rest/classification/reputations/list`: the lists, filtered, sorted and in pages. The lists are bounded, and a
 * filter of the vendor's compares anywhere within a text, so that it is held against every entry.
 */
export const listReputations: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/classification/reputations/list'],
  access: { permission: 'lists.read', licence: [] },
  async run({ request, ports }) {
    const query = readReputationQuery(await readJson(request));
    const found = (await fitting(ports, query)).toSorted(compareBy(query));
    const page = found.slice(query.page * query.size, (query.page + 1) * query.size);
    const data = { reputations: page.map(showReputation), totalResults: found.length };
    return replyJson({ outcome: 'success', data });
  },
};

async function fitting(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  query: ReputationQuery,
): Promise<readonly ListedHash[]> {
  const now = clock.now();
  return await store.read(
    async ({ hashLists }) => {
      const found: ListedHash[] = [];
      for (let offset = 0; ; offset += entriesPerRead) {
        const { items, total } = await hashLists.list({}, { offset, limit: entriesPerRead });
        found.push(...items.filter((entry) => fits(entry, query.filter, now)));
        if (offset + items.length >= total) {
          return found;
        }
      }
    },
    { search: true },
  );
}
