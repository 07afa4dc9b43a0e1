import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { AgentSession } from './agent-session.ts';

/** Which connection is an endpoint's. One each: the newest. */
export class Hub {
  readonly #sessions = new Map<EndpointId, AgentSession>();

  get size(): number {
    return this.#sessions.size;
  }

  /** @returns the session whose place it took. */
  enter(id: EndpointId, session: AgentSession): AgentSession | undefined {
    const replaced = this.#sessions.get(id);
    this.#sessions.set(id, session);
    return replaced;
  }

  /** @returns false when another session has the place already. */
  leave(id: EndpointId, session: AgentSession): boolean {
    return this.#sessions.get(id) === session && this.#sessions.delete(id);
  }

  get(id: EndpointId): AgentSession | undefined {
    return this.#sessions.get(id);
  }

  has(id: EndpointId): boolean {
    return this.#sessions.has(id);
  }

  entries(): IterableIterator<[EndpointId, AgentSession]> {
    return this.#sessions.entries();
  }
}
