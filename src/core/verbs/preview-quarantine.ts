import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import type { BrokenRule } from '../guard/guard.ts';
import { targetDigest } from '../guard/target-digest.ts';
import type { ProcessObservation } from '../incident/incident.ts';
import { isInForce } from '../list/judge.ts';
import type { ListKind } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { FileSpread } from '../ports/store/files.ts';
import type { RunningFile } from '../ports/store/outcomes.ts';
import type { Listing } from '../ports/store/page.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { judgeOrders } from './judge-orders.ts';

export interface PreviewQuarantine {
  readonly principal: Principal;
  readonly dialect: DialectName;
  readonly sha256: Sha256;
  /** A live search for the same hash: what it met running is told, and how many have answered. */
  readonly searchId?: ActionId | undefined;
}

/** How far a search has come, and where it met the content as a running program. */
export interface SearchedRunning extends Listing<RunningFile> {
  readonly endpoints: number;
  /** Of those, how many have answered. */
  readonly answered: number;
}

export interface QuarantinePreview {
  readonly spread: FileSpread;
  /** Endpoints that an order could reach, as far as whoever asks can see. */
  readonly fleet: number;
  /** What a quarantine of every copy would be ordered for, and the digest that binds it to just that. */
  readonly targets: { readonly endpoints: number; readonly digest: string };
  /** What vaults hold of it already. */
  readonly held: { readonly objects: number; readonly endpoints: number };
  /** Quarantines of it that are under way. */
  readonly underWay: number;
  readonly listed: ListKind | null;
  /** Running programs that incidents tell of, of which nobody has said that they ended. */
  readonly observed: Listing<ProcessObservation>;
  /** Null where no search was named. */
  readonly searched: SearchedRunning | null;
  /** Why the order would wait for a second person; none: it would go out. */
  readonly rules: readonly BrokenRule[];
}

/** Most paths, packages and running programs that are named; how many there are is told. */
const mostNamed = 20;

/**
 * What a quarantine of every copy of a content would touch, by what agents have told: nothing is asked of any endpoint, and nothing
 * changes (promises P75, P78).
 * @throws Fault `not_found` for an unknown search; `invalid_request` for an action that is no search; `timeout`
 */
export async function previewQuarantine(
  ports: Pick<Ports, 'store' | 'clock' | 'policy'>,
  request: PreviewQuarantine,
): Promise<QuarantinePreview> {
  const { sha256 } = request;
  const now = ports.clock.now();
  const page = { offset: 0, limit: mostNamed };
  const look = async (reader: Reader): Promise<QuarantinePreview> => {
    const holders = await reader.files.reachableHolders(sha256);
    const fleet = await reader.endpoints.count({ revoked: false }, now);
    return {
      spread: await reader.files.spreadOf(sha256, { now, most: mostNamed }),
      fleet: Object.values(fleet).reduce((sum, count) => sum + count, 0),
      targets: { endpoints: holders.length, digest: targetDigest(sha256, holders) },
      held: await reader.quarantine.countHeld(sha256),
      underWay: new Set((await reader.tasks.unsettledQuarantines(sha256)).map(({ endpointId }) => endpointId)).size,
      listed: await listOf(reader, sha256, now),
      observed: await reader.incidents.stillRunning(sha256, page),
      searched: await searchedRunning(reader, request, now),
      rules: await rulesFor(ports, reader, { ...request, holders }),
    };
  };
  return await ports.store.read(look, { search: true });
}

async function rulesFor(
  ports: Pick<Ports, 'clock' | 'policy'>,
  reader: Reader,
  { principal, dialect, sha256, holders }: PreviewQuarantine & { readonly holders: readonly EndpointId[] },
): Promise<readonly BrokenRule[]> {
  const parameters = { verb: 'quarantine', path: null, sha256, overrideProtection: false } as const;
  const order = { origin: { principal, dialect }, targets: holders.map((endpointId) => ({ endpointId, parameters })) };
  return (await judgeOrders(ports, reader, [order])).get(order) ?? [];
}

async function listOf(
  { hashLists }: Pick<Reader, 'hashLists'>,
  sha256: Sha256,
  now: Milliseconds,
): Promise<ListKind | null> {
  const [entry] = await hashLists.byHashes([sha256]);
  return entry !== undefined && isInForce(entry, now) ? entry.list : null;
}

async function searchedRunning(
  reader: Reader,
  { sha256, searchId }: PreviewQuarantine,
  now: Milliseconds,
): Promise<SearchedRunning | null> {
  if (searchId === undefined) {
    return null;
  }
  await demandSearch(reader, searchId);
  const tallies = await reader.tasks.tally([searchId], now);
  const sum = (counted: typeof tallies) => counted.reduce((total, { count }) => total + count, 0);
  const answered = tallies.filter(({ standing }) => standing.state === 'finished');
  const running = await reader.outcomes.runningIn(searchId, sha256, { offset: 0, limit: mostNamed });
  return { ...running, endpoints: sum(tallies), answered: sum(answered) };
}

async function demandSearch({ actions }: Pick<Reader, 'actions'>, id: ActionId): Promise<void> {
  const action = await actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  if (action.verb !== 'search') {
    throw new Fault('invalid_request', `searchId: action ${id} is no search.`, {
      details: { in: 'body', field: 'searchId' },
    });
  }
}
