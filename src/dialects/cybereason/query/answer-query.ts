import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { spellGuid } from '../spell-guid.ts';
import { readChain } from './chain.ts';
import type { Element } from './element.ts';
import { finders } from './finders.ts';
import { windowOf } from './paging.ts';
import type { Query } from './query-request.ts';
import { type Found, renderResults } from './query-results.ts';
import type { Search } from './search.ts';
import { walkChain } from './walk-chain.ts';

/**
 * The `data` of the answer.
 * @throws Fault `invalid_request`, `limit_exceeded`, `timeout`
 */
export async function answerQuery(ports: Pick<Ports, 'store' | 'clock' | 'policy'>, query: Query): Promise<object> {
  const now = ports.clock.now();
  const found = await ports.store.read((reader) => findElements({ reader, now }, query), { search: true });
  return renderResults(query, found, (guid) => spellGuid(ports.policy, guid));
}

/** Within the caller's reading. */
async function findElements(search: Search, query: Query): Promise<Found> {
  const chain = readChain(query.path);
  const { resultType } = chain;
  if (chain.steps === undefined) {
    return { resultType, elements: [], total: 0, terminated: false };
  }
  const sought = await walkChain(search, chain.steps, chain.result);
  const { offset, limit } = windowOf(query);
  const elements: Element[] = [];
  const take = (element: Element) => elements.length < limit && elements.push(element) < limit;
  const counted = query.paging !== undefined;
  const end = await finders[chain.resultType](search, sought, { skip: offset, bare: false, counted, take });
  if (end.terminated && offset > 0 && elements.length === 0) {
    throw new Fault(
      'limit_exceeded',
      'Results so far on cannot be reached, because each one before has to be looked at: narrow the query.',
    );
  }
  return { resultType, elements, total: end.total, terminated: end.terminated };
}
