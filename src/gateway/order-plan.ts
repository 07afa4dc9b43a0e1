import type { Task } from '#core/action/action.ts';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import type { Verb } from '#core/action/verb.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import type { SignerRefusal } from '#core/ports/order-signer.ts';
import type { Milliseconds } from '#core/time.ts';
import { recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { markSent, type UnsentTask } from '#core/verbs/take-deliverable.ts';
import { firstWithHalt } from '#wire/limits.ts';
import type { AgentSession } from './agent-session.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { Hub } from './hub.ts';
import { orderBytes } from './order-frame.ts';
import type { StopWatch } from './stop-watch.ts';

/** What one session is sent in one round at most; the next round goes on. */
const ordersPerSession = 256;
const bytesPerSession = 4 * 1024 * 1024;

/** Frames about one task: its order, a request not to begin it, or the one between two of the other. */
export interface Delivery {
  readonly session: AgentSession;
  readonly taskId: TaskId;
  readonly actionId: ActionId;
  readonly endpointId: EndpointId;
  readonly verb: Verb;
  /** The task, where the store does not know yet that it is about to leave. */
  readonly unsent: UnsentTask | undefined;
  readonly order: Uint8Array | undefined;
  readonly cancel: boolean;
}

export interface Round {
  readonly deliveries: readonly Delivery[];
  /** Endpoints that have more than fits into one round. */
  readonly unfinished: readonly EndpointId[];
  /** Endpoints that have orders which were left out, because the signer is not asked now. */
  readonly waiting: readonly EndpointId[];
}

interface Drawn {
  readonly deliveries: readonly Delivery[];
  readonly isWhole: boolean;
  readonly waits: boolean;
}

type Handed = 'order' | 'cancel';

/** An order with what came of giving it to the signer. */
export interface SignedDelivery {
  readonly delivery: Delivery;
  /** Undefined where there is no order. */
  readonly signature: Uint8Array | undefined;
  /** The key that signed, base64. */
  readonly key: string;
}

/** Knows what each live session was handed, and so what it still lacks; and what the signer does not let out for now. */
export class OrderPlan {
  readonly #ports: GatewayPorts;
  readonly #hub: Hub;
  readonly #stop: Pick<StopWatch, 'isHalted'>;
  readonly #handed = new Map<AgentSession, Map<TaskId, Handed>>();
  /** Tasks that the signer refused, with the monotonic time at which it is asked again. */
  readonly #held = new Map<TaskId, Milliseconds>();

  constructor(ports: GatewayPorts, hub: Hub, stop: Pick<StopWatch, 'isHalted'>) {
    this.#ports = ports;
    this.#hub = hub;
    this.#stop = stop;
  }

  forget(session: AgentSession): void {
    this.#handed.delete(session);
  }

  /**
   * @param tasks all that is open of the round's endpoints.
   * @param signs whether the signer is asked in this round: where not, only what needs no signature is drawn.
   */
  draw(endpoints: readonly EndpointId[], tasks: readonly Task[], signs: boolean): Round {
    this.#releaseHeld();
    const byEndpoint = Map.groupBy(tasks, (task) => task.endpointId);
    const deliveries: Delivery[] = [];
    const unfinished: EndpointId[] = [];
    const waiting: EndpointId[] = [];
    for (const id of endpoints) {
      const session = this.#hub.get(id);
      if (session === undefined || session.full) {
        continue;
      }
      const open = byEndpoint.get(id) ?? [];
      this.#forgetEnded(session, open);
      const drawn = this.#drawSession(session, open, signs);
      deliveries.push(...drawn.deliveries);
      if (!drawn.isWhole) {
        unfinished.push(id);
      }
      if (drawn.waits) {
        waiting.push(id);
      }
    }
    return { deliveries, unfinished, waiting };
  }

  /** The signer does not let this one out: the others go on, and it is tried again then. */
  hold({ taskId }: Delivery, { retryAfter }: SignerRefusal): void {
    this.#held.set(taskId, this.#ports.clock.monotonic() + retryAfter);
  }

  /**
   * Sends one delivery and remembers it; a session that takes no more is left for its `drained`.
   * @returns false where its agent has gone on to another key meanwhile: it would take the order for a forgery, and end it.
   */
  hand({ delivery, signature, key }: SignedDelivery): boolean {
    const { session, taskId, order, cancel, verb } = delivery;
    if (session.full || session.phase !== 'open' || (!cancel && this.#stop.isHalted(verb))) {
      return true;
    }
    if (order !== undefined && session.orderKey !== key) {
      return false;
    }
    if (order !== undefined && signature !== undefined) {
      if (cancel) {
        // An agent begins an order as soon as it has it: what is called off must be so before.
        session.send({ type: 'cancel', taskId });
      }
      session.send({ type: 'order', order, signature });
    }
    // After its order, too: older agents do not remember what they do not have.
    if (cancel) {
      session.send({ type: 'cancel', taskId });
    }
    const handed = this.#handed.get(session) ?? new Map<TaskId, Handed>();
    this.#handed.set(session, handed.set(taskId, cancel ? 'cancel' : 'order'));
    return true;
  }

  /** What is not let out takes no room in the round: a cancellation behind ever so many such orders leaves. */
  #drawSession(session: AgentSession, open: readonly Task[], signs: boolean): Drawn {
    const handed = this.#handed.get(session);
    const deliveries: Delivery[] = [];
    let bytes = 0;
    let waits = false;
    for (const task of open) {
      if (deliveries.length >= ordersPerSession || bytes >= bytesPerSession) {
        return { deliveries, isWhole: false, waits };
      }
      const lacks = lacking(task, handed?.get(task.id));
      const isLetOut = lacks !== 'order' || this.#isLetOut(session, task);
      if (lacks === 'order' && isLetOut && !signs) {
        waits = true;
        continue;
      }
      const delivery = lacks === undefined || !isLetOut ? undefined : this.#drawTask(session, task, lacks);
      if (delivery !== undefined) {
        deliveries.push(delivery);
        bytes += delivery.order?.length ?? 0;
      }
    }
    return { deliveries, isWhole: true, waits };
  }

  /** A task that is to be cancelled goes out with its order: an agent that never had it can then report its end. */
  #drawTask(session: AgentSession, task: Task, lacks: Handed): Delivery | undefined {
    const order = lacks === 'order' ? orderBytes(task) : undefined;
    if (lacks === 'order' && order === undefined) {
      void this.#endOversized(task);
      return undefined;
    }
    const { id: taskId, actionId, endpointId, parameters, state } = task;
    const cancel = state === 'cancelling';
    const unsent = state === 'pending' ? task : undefined;
    return { session, taskId, actionId, endpointId, verb: parameters.verb, unsent, order, cancel };
  }

  /** An older agent knows of no emergency stop: it could begin an order before it hears that it is to be cancelled. */
  #isLetOut(session: AgentSession, { id, parameters }: Task): boolean {
    const mightBegin = session.version < firstWithHalt && this.#stop.isHalted(parameters.verb);
    return session.takesOrders && !this.#held.has(id) && !mightBegin;
  }

  #releaseHeld(): void {
    const now = this.#ports.clock.monotonic();
    for (const [id, until] of this.#held) {
      if (until <= now) {
        this.#held.delete(id);
      }
    }
  }

  #forgetEnded(session: AgentSession, open: readonly Task[]): void {
    const handed = this.#handed.get(session);
    if (handed === undefined) {
      return;
    }
    const ids = new Set(open.map((task) => task.id));
    for (const id of handed.keys()) {
      if (!ids.has(id)) {
        handed.delete(id);
      }
    }
    if (handed.size === 0) {
      this.#handed.delete(session);
    }
  }

  /** It could never be delivered, so waiting for the deadline would only hide that. */
  async #endOversized(task: Task): Promise<void> {
    const { endpointId, id: taskId } = task;
    try {
      if (task.state === 'pending') {
        await markSent(this.#ports, [task]);
      }
      const why = 'The order does not fit into one frame: name fewer files at a time.';
      await recordOrderRefused(this.#ports, { endpointId, taskId, why });
    } catch (thrown) {
      this.#ports.log.error('An order that is too large could not be ended.', { taskId, cause: asFault(thrown) });
    }
  }
}

/** What a session still lacks of a task; where that is its order, the cancellation of one that is called off goes with it. */
function lacking({ state, acceptedAt }: Task, handed: Handed | undefined): Handed | undefined {
  const isCalledOff = state === 'cancelling';
  if (handed === 'cancel' || (handed === 'order' && !isCalledOff)) {
    return undefined;
  }
  return handed === 'order' || (isCalledOff && acceptedAt !== null) ? 'cancel' : 'order';
}
