import type { HashAlgorithm, ListKind } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';
import { listIn, readHashes } from './list-hashes.ts';
import type { Origin } from './open-action.ts';
import { unlistIn } from './unlist-hashes.ts';

/** What is decided about a hash. */
export interface HashDecision {
  /** Null: on neither list. */
  readonly list: ListKind | null;
  /** Of the block list: quarantines new files that have the hash. */
  readonly prevent: boolean;
  readonly comment: string;
  readonly expiresAt: Milliseconds | undefined;
}

export interface HashChange {
  readonly hashes: readonly string[];
  readonly decision: HashDecision;
}

/**
 * Makes many decisions at once, all of them or none. Of two about one hash the later counts. No file that is there already is
 * touched.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`, `conflict` when one of the hashes must not be blocked
 */
export async function changeHashLists(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy'>,
  { origin, changes }: { readonly origin: Origin; readonly changes: readonly HashChange[] },
): Promise<void> {
  const asked = readHashes(changes.flatMap(({ hashes }) => hashes));
  const decisions = lastDecisions(changes);
  const groups = Map.groupBy(asked, ([hash]) => JSON.stringify(decisions.get(hash)));
  await ports.store.transact(async (transaction) => {
    for (const group of groups.values()) {
      const decision = decisions.get(group[0]?.[0] ?? '');
      if (decision === undefined || decision.list === null) {
        await unlistIn(ports, transaction, { by: origin.principal, asked: group.map(([hash]) => hash) });
      } else {
        const of: ReadonlyMap<string, HashAlgorithm> = new Map(group);
        const hashes = [...of.keys()];
        await listIn(ports, transaction, {
          ...{ origin, hashes, asked: of, allOrNone: true },
          ...{ ...decision, list: decision.list },
        });
      }
    }
  });
}

function lastDecisions(changes: readonly HashChange[]): ReadonlyMap<string, HashDecision> {
  return new Map(
    changes.flatMap(({ hashes, decision }) => [...readHashes(hashes).keys()].map((hash) => [hash, decision] as const)),
  );
}
