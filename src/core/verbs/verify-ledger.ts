import { asFault } from '../fault.ts';
import type { LedgerFinding } from '../ledger/finding.ts';
import { emptyFrontier, type Frontier, type GrownNode, grow, rootOf } from '../ledger/frontier.ts';
import type { ReadNodes } from '../ledger/proof.ts';
import { hashLeaf, isSameHash, type TreeHash } from '../ledger/tree-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { KeptLeaf } from '../ports/store/ledger.ts';
import { minute } from '../time.ts';

/** What somebody outside the store knows of the ledger, its signature checked. */
export interface KnownCheckpoint {
  readonly size: number;
  readonly root: TreeHash;
}

export interface LedgerVerdict {
  /** How many events were read. */
  readonly events: number;
  readonly root: TreeHash;
  /** Undefined: all is as it was written. */
  readonly finding: LedgerFinding | undefined;
}

const pageSize = 5_000;
const patience = 5 * minute;
/** Nodes of lower levels are made of the hashes of leaves, which are looked at one by one. */
const coarse = 8;

/**
 * Reads every event there is and holds it against the Merkle log that was kept beside it, and against checkpoints that were kept
 * elsewhere: whoever can write to the database can change both of the former, but not the latter (promise P57). Stops at the first
 * finding. Events that come meanwhile are left out.
 * @throws Fault `timeout`, `unavailable`
 */
export async function verifyLedger(
  { store }: Pick<Ports, 'store'>,
  known: readonly KnownCheckpoint[],
): Promise<LedgerVerdict> {
  const kept = await store.read(async ({ ledger, events }) => ({
    frontier: await ledger.frontier(),
    last: await events.lastSequence(),
  }));
  const walk = new Walk(known, kept.frontier);
  while (walk.frontier.size < kept.frontier.size && walk.finding === undefined) {
    const limit = Math.min(pageSize, kept.frontier.size - walk.frontier.size);
    const after = walk.frontier.size;
    const leaves = await store.read(({ ledger }) => ledger.leaves(after, limit), { deadline: patience, search: true });
    walk.take(leaves, limit);
    await walk.compare((nodes) =>
      store.read(({ ledger }) => ledger.nodes(nodes), { deadline: patience, search: true }),
    );
  }
  walk.end(kept.last);
  return { events: walk.frontier.size, root: rootOf(walk.frontier), finding: walk.finding };
}

/** One way through the ledger, from the first event on. */
class Walk {
  frontier: Frontier = emptyFrontier;
  finding: LedgerFinding | undefined;
  readonly #known: readonly KnownCheckpoint[];
  readonly #kept: Frontier;
  #grown: readonly GrownNode[] = [];

  constructor(known: readonly KnownCheckpoint[], kept: Frontier) {
    this.#known = known.toSorted((one, other) => one.size - other.size);
    this.#kept = kept;
  }

  /** @param expected how many leaves there must be. */
  take(leaves: readonly KeptLeaf[], expected: number): void {
    for (const leaf of leaves) {
      this.#takeOne(leaf);
      if (this.finding !== undefined) {
        return;
      }
    }
    if (leaves.length < expected) {
      this.#miss(this.frontier.size + 1);
    }
  }

  /** Nodes that proofs are made of, where the leaves that were just taken completed some. */
  async compare(read: ReadNodes): Promise<void> {
    const grown = this.#grown;
    this.#grown = [];
    const kept = this.finding === undefined ? await readAll(grown, read) : [];
    const wrong =
      this.finding === undefined ? grown.find(({ hash }, index) => !isSameAs(hash, kept[index])) : undefined;
    if (wrong !== undefined) {
      const message = `Node ${wrong.index} of level ${wrong.level} of the tree is not that of its events.`;
      this.finding = { kind: 'altered_tree', message };
    }
  }

  /** @param last the sequence of the last event that there is. */
  end(last: number): void {
    if (this.finding === undefined && !isSameHash(rootOf(this.frontier), rootOf(this.#kept))) {
      this.finding = { kind: 'altered_tree', message: 'The root that was kept is not that of the events.' };
    }
    const beyond = this.#known.find(({ size }) => size > this.#kept.size);
    if (this.finding === undefined && beyond !== undefined) {
      const message = `There were ${beyond.size} events when a checkpoint was signed, and there are ${this.#kept.size}: the last ones are gone.`;
      this.finding = { kind: 'contradicts_checkpoint', sequence: this.#kept.size + 1, message };
    }
    if (this.finding === undefined && last > this.#kept.size) {
      const message = `Event ${this.#kept.size + 1} and what comes after it are not in the ledger.`;
      this.finding = { kind: 'unsealed_event', sequence: this.#kept.size + 1, message };
    }
  }

  #takeOne({ sequence, bytes, hash }: KeptLeaf): void {
    if (sequence !== this.frontier.size + 1) {
      this.#miss(this.frontier.size + 1);
      return;
    }
    const actual = hashLeaf(bytes);
    if (hash === null || !isSameHash(actual, hash)) {
      const message = `Event ${sequence} is not what was written: the ledger has another hash of it.`;
      this.finding = { kind: 'altered_event', sequence, message };
      return;
    }
    const { frontier, nodes } = grow(this.frontier, [actual]);
    this.frontier = frontier;
    this.#grown = [...this.#grown, ...nodes.filter(({ level }) => level >= coarse)];
    const here = this.#known.filter(({ size }) => size === this.frontier.size);
    if (here.some(({ root }) => !isSameHash(root, rootOf(this.frontier)))) {
      const message = `Of the first ${sequence} events one is not what it was when a checkpoint of them was signed.`;
      this.finding = { kind: 'contradicts_checkpoint', sequence, message };
    }
  }

  #miss(sequence: number): void {
    this.finding = { kind: 'missing_event', sequence, message: `Event ${sequence} is gone.` };
  }
}

/** Undefined for what is not there. */
async function readAll(nodes: readonly GrownNode[], read: ReadNodes): Promise<readonly (TreeHash | undefined)[]> {
  return Promise.all(nodes.map(async (node) => (await readOne(node, read))?.[0]));
}

async function readOne(node: GrownNode, read: ReadNodes): Promise<readonly TreeHash[] | undefined> {
  try {
    return await read([node]);
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code === 'not_found') {
      return undefined;
    }
    throw fault;
  }
}

function isSameAs(hash: TreeHash, kept: TreeHash | undefined): boolean {
  return kept !== undefined && isSameHash(hash, kept);
}
