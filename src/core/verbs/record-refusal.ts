import type { Principal } from '../access/principal.ts';
import type { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { minute } from '../time.ts';

/** A call that somebody who is known may not make. */
export interface Refusal {
  readonly principal: Principal;
  /** Method and pattern of the path. */
  readonly operation: string;
  readonly remoteAddress: string;
  readonly fault: Fault;
}

/** Who was refused what lately; more are forgotten, oldest first, and then written down once more. */
const mostRemembered = 10_000;

/**
 * Writes down that a call was refused: once a minute for each principal and operation, so that nobody fills the events by asking
 * again and again.
 */
export function refusalRecorder(ports: Pick<Ports, 'store' | 'clock'>): (refusal: Refusal) => Promise<void> {
  const last = new Map<string, number>();
  return async ({ principal: { kind, id, name, role }, operation, remoteAddress, fault }) => {
    const at = ports.clock.now();
    const key = `${kind} ${id} ${operation}`;
    if (at - (last.get(key) ?? Number.NEGATIVE_INFINITY) < minute) {
      return;
    }
    last.delete(key);
    last.set(key, at);
    const [oldest] = last.keys();
    if (last.size > mostRemembered && oldest !== undefined) {
      last.delete(oldest);
    }
    const { permission } = fault.details;
    const wanted = typeof permission === 'string' ? { permission } : {};
    const facts = { operation, role: role.name, code: fault.code, ...wanted, remoteAddress };
    await ports.store.transact(({ events }) =>
      events.append([{ type: 'permission_refused', at, actor: { kind, id, name }, facts }]),
    );
  };
}
