import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Guid } from '#core/file/guid.ts';
import type { Ports } from '#core/ports/ports.ts';
import { recordInventory, recordWholeInventory } from '#core/verbs/record-inventory.ts';
import type { AgentSession, SessionEndpoint, Statement } from './agent-session.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { tryLater } from './try-later.ts';

type Inventory = Extract<Statement, { type: 'inventory' }>;

/** Batches of one session that may wait; an agent that goes on without confirmations is not keeping the protocol. */
const mostWaiting = 8;
/** Files of all sessions that may wait: after a restart, every agent of a fleet sends its whole list. */
const mostWaitingFiles = 200_000;
/** Batches of one session between two looks at how many files the store has of its endpoint. */
const batchesPerCount = 100;

/** New files may be blocked: then their agents have something to do. */
type IntakePorts = GatewayPorts & Pick<Ports, 'doorbell'>;

interface Intake {
  readonly waiting: Inventory[];
  lastBatch: number;
  /** What the whole list under way has named; undefined while there is none. */
  whole: Guid[] | undefined;
  /** With files in them, so far. */
  batches: number;
  running: boolean;
}

/** Records what agents see: each session's batches in order, one at a time, each confirmed once it is durable. */
export class InventoryIntake {
  readonly #ports: IntakePorts;
  readonly #settings: Pick<GatewaySettings, 'stormSpread' | 'filesOfEndpoint'>;
  readonly #intakes = new Map<AgentSession, Intake>();
  /** How many files there were of endpoints that have begun a whole list and not ended one since, over whichever session. */
  readonly #before = new Map<EndpointId, number>();
  #waitingFiles = 0;

  constructor(ports: IntakePorts, settings: Pick<GatewaySettings, 'stormSpread' | 'filesOfEndpoint'>) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** @throws Fault `invalid_request` when the batches are out of order, or the agent does not wait for confirmation. */
  take(session: AgentSession, endpoint: SessionEndpoint, inventory: Inventory): void {
    const intake = this.#intakeOf(session);
    demandOrder(intake, inventory);
    this.#demandRoom(intake, inventory);
    if (this.#waitingFiles > 0 && this.#waitingFiles + weightOf(inventory) > mostWaitingFiles) {
      session.refuse(this.#tryLater('Many inventories arrive just now.'));
      return;
    }
    intake.lastBatch = inventory.batch;
    intake.waiting.push(inventory);
    this.#waitingFiles += weightOf(inventory);
    if (!intake.running) {
      intake.running = true;
      void this.#run(session, endpoint, intake);
    }
  }

  forget(session: AgentSession): void {
    const intake = this.#intakes.get(session);
    if (intake !== undefined) {
      this.#waitingFiles -= intake.waiting.splice(0).reduce((sum, inventory) => sum + weightOf(inventory), 0);
      this.#intakes.delete(session);
    }
  }

  #intakeOf(session: AgentSession): Intake {
    const known = this.#intakes.get(session);
    if (known !== undefined) {
      return known;
    }
    const intake: Intake = { waiting: [], lastBatch: 0, whole: undefined, batches: 0, running: false };
    this.#intakes.set(session, intake);
    return intake;
  }

  /** Never rejects. An agent whose batch failed sends its whole list again after it reconnects. */
  async #run(session: AgentSession, endpoint: SessionEndpoint, intake: Intake): Promise<void> {
    try {
      for (let next = intake.waiting.shift(); next !== undefined; next = intake.waiting.shift()) {
        this.#waitingFiles -= weightOf(next);
        await this.#record(endpoint, intake, next);
        session.send({ type: 'inventory_recorded', batch: next.batch });
      }
    } catch (thrown) {
      const cause = asFault(thrown);
      this.#ports.log.error('An inventory could not be recorded.', { endpointId: endpoint.id, cause });
      const isTooLarge = cause.code === 'too_large';
      session.refuse(this.#tryLater(isTooLarge ? cause.message : 'The inventory cannot be recorded just now.'));
    } finally {
      intake.running = false;
    }
  }

  async #record(endpoint: SessionEndpoint, intake: Intake, inventory: Inventory): Promise<void> {
    const { part, files, gone } = inventory;
    if (part === 'whole_begin') {
      intake.whole = [];
    }
    if (files.length > 0 && intake.batches++ % batchesPerCount === 0) {
      await this.#demandFew(endpoint, intake);
    }
    const isEmpty = files.length + gone.length === 0;
    const guids = isEmpty ? [] : await recordInventory(this.#ports, { endpoint, files, gone });
    if (part !== 'delta') {
      intake.whole?.push(...guids);
    }
    if (part === 'whole_end' && intake.whole !== undefined) {
      await recordWholeInventory(this.#ports, { endpoint, guids: intake.whole });
      intake.whole = undefined;
      this.#before.delete(endpoint.id);
    }
  }

  #demandRoom({ whole }: Intake, { files }: Inventory): void {
    if ((whole?.length ?? 0) + files.length > this.#settings.filesOfEndpoint) {
      throw tooMany(this.#settings.filesOfEndpoint);
    }
  }

  /** Small lists add up as well. @throws Fault `too_large` */
  async #demandFew({ id }: SessionEndpoint, { whole }: Intake): Promise<void> {
    const ofEndpoint = {
      conditions: [{ field: 'endpointId', operator: 'equals', values: [id] }],
      states: ['present'],
    } as const;
    const { total } = await this.#ports.store.read(({ files }) => files.list(ofEndpoint, { offset: 0, limit: 1 }));
    const most = this.#settings.filesOfEndpoint;
    if (total > (whole === undefined ? most : this.#beforeWhole(id, total) + most)) {
      throw tooMany(most);
    }
  }

  /**
   * What a whole list does not name stands beside it until its end: after a change of directories, or of this limit, that may be more
   * files than the limit, and an honest agent must get to the end all the same. The list is bounded by itself; whoever begins one
   * after the other and ends none gets no further than with the first.
   */
  #beforeWhole(id: EndpointId, present: number): number {
    const before = this.#before.get(id) ?? present;
    this.#before.set(id, before);
    return before;
  }

  #tryLater(why: string) {
    return tryLater(why, this.#settings.stormSpread, this.#ports.random);
  }
}

function tooMany(most: number): Fault {
  return new Fault(
    'too_large',
    `An endpoint lists at most ${most} files: give its agent fewer directories with --roots.`,
  );
}

function weightOf(inventory: Inventory): number {
  return 1 + inventory.files.length + inventory.gone.length;
}

function demandOrder(intake: Intake, { batch, part }: Inventory): void {
  if (batch <= intake.lastBatch) {
    throw new Fault('invalid_request', 'Inventory batches count up.');
  }
  if (intake.waiting.length >= mostWaiting) {
    throw new Fault('invalid_request', `At most ${mostWaiting} inventory batches may wait to be recorded.`);
  }
  const last = intake.waiting.findLast((waiting) => waiting.part !== 'delta')?.part;
  const isOpen = last === undefined ? intake.whole !== undefined : last !== 'whole_end';
  if ((part === 'whole' || part === 'whole_end') && !isOpen) {
    throw new Fault('invalid_request', `An inventory part ${part} without its beginning.`);
  }
}
