import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import type { Verb } from '../action/verb.ts';
import {
  type BrokenRule,
  brokenRules,
  type GuardedVerb,
  isGuarded,
  isGuardedVerb,
  isPartOfFleet,
  type Width,
} from '../guard/guard.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { hour } from '../time.ts';
import { countFiles } from './end-files.ts';
import { principalsOf } from './person-behind.ts';
import type { ToldTarget } from './told-targets.ts';

/** What the guard looks at of an order. */
interface JudgedOrder {
  readonly origin: { readonly principal: Pick<Principal, 'kind' | 'id'>; readonly dialect: DialectName };
  readonly targets: readonly ToldTarget[];
}

type JudgeReader = Pick<Reader, 'endpoints' | 'tasks' | 'credentials' | 'files'>;

/**
 * Which of these orders must wait for a second person, and why. What one principal asks for in one call is judged together, so that a wide
 * order is no narrower for being written as many small ones. Those that are not in the answer go out.
 */
export async function judgeOrders<Order extends JudgedOrder>(
  ports: Pick<Ports, 'clock' | 'policy'>,
  reader: JudgeReader,
  orders: readonly Order[],
): Promise<ReadonlyMap<Order, readonly BrokenRule[]>> {
  const guarded = orders.filter(({ origin }) => isGuarded(ports.policy.guard, origin.dialect));
  const held = new Map<Order, readonly BrokenRule[]>();
  for (const together of Map.groupBy(guarded, keyOf).values()) {
    const verb = verbOf(together[0]);
    if (verb === undefined || !isGuardedVerb(verb)) {
      continue;
    }
    const rules = brokenRules(ports.policy.guard, await widthOf(ports, reader, { verb, orders: together }));
    if (rules.length > 0) {
      for (const order of together) {
        held.set(order, rules);
      }
    }
  }
  return held;
}

function keyOf(order: JudgedOrder): string {
  const { kind, id } = order.origin.principal;
  return `${verbOf(order)} ${kind} ${id}`;
}

function verbOf(order: JudgedOrder | undefined): Verb | undefined {
  return order?.targets[0]?.parameters.verb;
}

async function widthOf(
  { clock, policy }: Pick<Ports, 'clock' | 'policy'>,
  reader: JudgeReader,
  { verb, orders }: { readonly verb: GuardedVerb; readonly orders: readonly JudgedOrder[] },
): Promise<Width> {
  const targets = orders.flatMap((order) => order.targets);
  const principal = orders[0]?.origin.principal;
  const now = clock.now();
  const isFetch = verb === 'fetch' && principal !== undefined;
  const concerned = new Set(targets.map(({ endpointId }) => endpointId)).size;
  const isCounted = !isFetch && isPartOfFleet(policy.guard, concerned);
  const fleet = isCounted ? await reader.endpoints.count({ archived: false, revoked: false }, now) : undefined;
  return {
    verb,
    endpoints: concerned,
    files: targets.reduce((sum, target) => sum + countFiles(target), 0),
    overridesProtection: targets.some(
      ({ parameters }) => parameters.verb === 'quarantine' && parameters.overrideProtection,
    ),
    packaged: verb === 'quarantine' ? await countPackaged(reader.files, targets) : 0,
    fleet: fleet === undefined ? 0 : fleet.connected + fleet.disconnected + fleet.lost,
    // Of the person, however many keys they made: with each they would begin anew.
    filesBefore: isFetch ? await reader.tasks.filesFetchedBy(await principalsOf(reader, principal), now - hour) : 0,
  };
}

/**
 * By the bytes, never by the name: a package's own file keeps its protection under any name, and a file with other bytes has none for
 * standing where a package's was.
 */
async function countPackaged(
  files: JudgeReader['files'],
  targets: readonly Pick<ToldTarget, 'parameters'>[],
): Promise<number> {
  const hashes = new Set(
    targets.flatMap(({ parameters }) =>
      parameters.verb === 'quarantine' && parameters.sha256 !== null ? [parameters.sha256] : [],
    ),
  );
  return hashes.size === 0 ? 0 : (await files.packagedAmong([...hashes])).length;
}
