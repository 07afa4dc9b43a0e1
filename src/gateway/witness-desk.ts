import type { SignedBytes } from '#core/action/action.ts';
import { asFault } from '#core/fault.ts';
import { proveConsistency } from '#core/ledger/proof.ts';
import type { TreeHash } from '#core/ledger/tree-hash.ts';
import type { SignedCheckpoint } from '#core/ports/checkpoints.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { recordLedgerDispute } from '#core/verbs/record-ledger-dispute.ts';
import type { AgentSession, SessionEndpoint, Statement } from './agent-session.ts';
import type { AgentGatewayPorts } from './gateway-ports.ts';

type Question = Extract<Statement, { type: 'witness' }>;
type Dispute = Extract<Statement, { type: 'ledger_disputed' }>;

/** One checkpoint for all who ask within this time: a fleet asks for the same few proofs. */
const freshness: Milliseconds = 10 * second;
const mostProofs = 64;

/** Tells agents what the ledger is, and that it still begins with what they have seen. */
export class WitnessDesk {
  readonly #ports: AgentGatewayPorts;
  #ledger: SignedBytes | null;
  readonly #proofs = new Map<string, Promise<readonly TreeHash[]>>();
  readonly #disputing = new WeakSet<AgentSession>();
  #current: { readonly checkpoint: Promise<SignedCheckpoint>; readonly at: Milliseconds } | undefined;

  /** @param ledger which ledger this is, signed with the order key; null: agents are told nothing. */
  constructor(ports: AgentGatewayPorts, ledger: SignedBytes | null) {
    this.#ports = ports;
    this.#ledger = ledger;
  }

  state(ledger: SignedBytes | null): void {
    this.#ledger = ledger;
  }

  /** Never rejects: an agent that gets no answer asks again. */
  async answer(session: AgentSession, { origin, size }: Question): Promise<void> {
    if (this.#ledger === null || !session.takesOrders) {
      return;
    }
    try {
      const current = await this.#checkpointFrom(size);
      const isKnown = origin === this.#ports.checkpoints.origin && size <= current.size;
      const proof = isKnown ? await this.#proof(size, current.size) : [];
      // Whatever was signed with a key that agents have left meanwhile is none of theirs.
      const { bytes: ledger, signature } = this.#ledger ?? {};
      if (ledger !== undefined && signature !== undefined) {
        session.send({ type: 'checkpoint', ledger, signature, note: current.note, proof: [...proof] });
      }
    } catch (thrown) {
      this.#ports.log.error('An agent could not be told of the record of events.', { cause: asFault(thrown) });
    }
  }

  /** Never rejects. Once for each connection is enough. */
  async dispute(session: AgentSession, endpoint: SessionEndpoint, { why, held, offered }: Dispute): Promise<void> {
    if (this.#disputing.has(session)) {
      return;
    }
    this.#disputing.add(session);
    try {
      await recordLedgerDispute(this.#ports, { endpointId: endpoint.id, why, held, offered });
    } catch (thrown) {
      const facts = { endpointId: endpoint.id, why, cause: asFault(thrown) };
      this.#ports.log.error('An agent disputes the record of events, and that could not be recorded.', facts);
    }
  }

  /** Whoever has seen more than the last one says, on another server of the cluster, is told the newest. */
  async #checkpointFrom(size: number): Promise<SignedCheckpoint> {
    const now = this.#ports.clock.monotonic();
    const known = this.#current !== undefined && now - this.#current.at < freshness ? this.#current : undefined;
    const checkpoint = await known?.checkpoint;
    return checkpoint !== undefined && checkpoint.size >= size ? checkpoint : this.#renew(now);
  }

  #renew(at: Milliseconds): Promise<SignedCheckpoint> {
    const checkpoint = this.#ports.checkpoints.latest();
    const current = { checkpoint, at };
    this.#current = current;
    checkpoint.catch(() => {
      if (this.#current === current) {
        this.#current = undefined;
      }
    });
    return checkpoint;
  }

  #proof(older: number, newer: number): Promise<readonly TreeHash[]> {
    const name = `${older}/${newer}`;
    const known = this.#proofs.get(name);
    if (known !== undefined) {
      return known;
    }
    const proof = this.#ports.store.read(({ ledger }) => proveConsistency(older, newer, ledger.nodes));
    this.#proofs.set(name, proof);
    proof.catch(() => this.#proofs.delete(name));
    const [oldest] = this.#proofs.keys();
    if (this.#proofs.size > mostProofs && oldest !== undefined) {
      this.#proofs.delete(oldest);
    }
    return proof;
  }
}
