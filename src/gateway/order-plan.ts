import type { Task } from '#core/action/action.ts';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import type { Verb } from '#core/action/verb.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import type { SignerRefusal } from '#core/ports/order-signer.ts';
import type { Milliseconds } from '#core/time.ts';
import { recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { markSent } from '#core/verbs/take-deliverable.ts';
import type { AgentSession } from './agent-session.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { Hub } from './hub.ts';
import { orderBytes } from './order-frame.ts';

/** What one session is sent in one round at most; the next round goes on. */
const ordersPerSession = 256;
const bytesPerSession = 4 * 1024 * 1024;

/** Frames about one task: its order, a request not to begin it, or first the one and then the other. */
export interface Delivery {
  readonly session: AgentSession;
  readonly taskId: TaskId;
  readonly actionId: ActionId;
  readonly endpointId: EndpointId;
  readonly verb: Verb;
  /** The store does not know yet that it is about to leave. */
  readonly isUnsent: boolean;
  readonly order: Uint8Array | undefined;
  readonly cancel: boolean;
}

export interface Round {
  readonly deliveries: readonly Delivery[];
  /** Endpoints that have more than fits into one round. */
  readonly unfinished: readonly EndpointId[];
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
  readonly #handed = new Map<AgentSession, Map<TaskId, Handed>>();
  /** Tasks that the signer refused, with the monotonic time at which it is asked again. */
  readonly #held = new Map<TaskId, Milliseconds>();

  constructor(ports: GatewayPorts, hub: Hub) {
    this.#ports = ports;
    this.#hub = hub;
  }

  forget(session: AgentSession): void {
    this.#handed.delete(session);
  }

  /** @param tasks all that is open of the round's endpoints. */
  draw(endpoints: readonly EndpointId[], tasks: readonly Task[]): Round {
    this.#releaseHeld();
    const byEndpoint = Map.groupBy(tasks, (task) => task.endpointId);
    const deliveries: Delivery[] = [];
    const unfinished: EndpointId[] = [];
    for (const id of endpoints) {
      const session = this.#hub.get(id);
      if (session === undefined || session.full || !session.takesOrders) {
        continue;
      }
      const open = byEndpoint.get(id) ?? [];
      this.#forgetEnded(session, open);
      const whole = this.#drawSession(session, open, deliveries);
      if (!whole) {
        unfinished.push(id);
      }
    }
    return { deliveries, unfinished };
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
    const { session, taskId, order, cancel } = delivery;
    if (session.full || session.phase !== 'open') {
      return true;
    }
    if (order !== undefined && session.orderKey !== key) {
      return false;
    }
    if (order !== undefined && signature !== undefined) {
      session.send({ type: 'order', order, signature });
    }
    if (cancel) {
      session.send({ type: 'cancel', taskId });
    }
    const handed = this.#handed.get(session) ?? new Map<TaskId, Handed>();
    this.#handed.set(session, handed.set(taskId, cancel ? 'cancel' : 'order'));
    return true;
  }

  /** @returns false when there is more than one round's worth. */
  #drawSession(session: AgentSession, open: readonly Task[], deliveries: Delivery[]): boolean {
    const handed = this.#handed.get(session);
    let orders = 0;
    let bytes = 0;
    for (const task of open) {
      if (orders >= ordersPerSession || bytes >= bytesPerSession) {
        return false;
      }
      const delivery = this.#drawTask(session, task, handed?.get(task.id));
      if (delivery !== undefined) {
        deliveries.push(delivery);
        orders += 1;
        bytes += delivery.order?.length ?? 0;
      }
    }
    return true;
  }

  /** A task that is to be cancelled goes out with its order: an agent that never had it can then report its end. */
  #drawTask(session: AgentSession, task: Task, handed: Handed | undefined): Delivery | undefined {
    const cancel = task.state === 'cancelling';
    if (this.#held.has(task.id)) {
      return undefined;
    }
    if (handed === 'cancel' || (handed === 'order' && !cancel)) {
      return undefined;
    }
    const known = handed === 'order' || (cancel && task.acceptedAt !== null);
    const order = known ? undefined : orderBytes(task);
    if (!known && order === undefined) {
      void this.#endOversized(task);
      return undefined;
    }
    const { id: taskId, actionId, endpointId, parameters, state } = task;
    const isUnsent = state === 'pending';
    return { session, taskId, actionId, endpointId, verb: parameters.verb, isUnsent, order, cancel };
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
