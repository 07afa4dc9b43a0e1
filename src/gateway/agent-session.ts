import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Milliseconds } from '#core/time.ts';
import { decode, encode } from '#wire/codec.ts';
import { type AgentMessage, agentMessageSchema, type ServerMessage } from '#wire/messages.ts';
import type { FrameSink, SendResult } from './frame-sink.ts';

export type Hello = Extract<AgentMessage, { type: 'hello' }>;
export type Statement = Exclude<AgentMessage, Hello>;
export type Refusal = Omit<Extract<ServerMessage, { type: 'refused' }>, 'type'>;

/** What a session keeps of its endpoint. */
export type SessionEndpoint = Pick<Endpoint, 'id' | 'number' | 'devicePublicKey'>;

/** Whoever answers for sessions; one for all of them, so that a session itself stays a few fields. */
export interface SessionKeeper {
  monotonic(): Milliseconds;
  greet(session: AgentSession, nonce: Uint8Array, hello: Hello): void;
  heard(session: AgentSession, endpoint: SessionEndpoint, statement: Statement): void;
  violated(session: AgentSession, fault: Fault): void;
  drained(session: AgentSession): void;
  ended(session: AgentSession): void;
}

/** Where a connection stands: who it may speak for, and what it may say. */
type Standing =
  | { readonly phase: 'challenged'; readonly nonce: Uint8Array }
  | { readonly phase: 'open'; readonly endpoint: SessionEndpoint; readonly version: number }
  | { readonly phase: 'greeting' | 'closed' };

/** Room for a hello with long lists of roots; strangers are not given more. */
const longestHello = 256 * 1024;
const greeting = { phase: 'greeting' } as const;
const closed = { phase: 'closed' } as const;

/** One connection of an agent. Knows its place in the conversation and nothing of the transport. */
export class AgentSession {
  readonly openedAt: Milliseconds;
  /** Monotonic. */
  lastHeard: Milliseconds;
  /** The connection has as much as it can take: orders wait for `drained`. */
  full = false;
  /** The order key that its agent trusts, base64: it takes any other's orders for forgeries. Null: it follows none of this server. */
  orderKey: string | null = null;
  readonly #keeper: SessionKeeper;
  readonly #sink: FrameSink;
  #standing: Standing;

  constructor(keeper: SessionKeeper, sink: FrameSink, nonce: Uint8Array) {
    this.#keeper = keeper;
    this.#sink = sink;
    this.#standing = { phase: 'challenged', nonce };
    this.openedAt = keeper.monotonic();
    this.lastHeard = this.openedAt;
  }

  get phase(): Standing['phase'] {
    return this.#standing.phase;
  }

  /** Undefined before `welcome` and after the end. */
  get endpoint(): SessionEndpoint | undefined {
    return this.#standing.phase === 'open' ? this.#standing.endpoint : undefined;
  }

  /** The transport received one frame. Never throws. */
  frame(bytes: Uint8Array): void {
    if (this.#standing.phase === 'closed') {
      return;
    }
    this.lastHeard = this.#keeper.monotonic();
    try {
      this.#hear(bytes);
    } catch (thrown) {
      this.#keeper.violated(this, asFault(thrown));
    }
  }

  /** The transport can take more after a `full`. */
  drained(): void {
    if (this.full) {
      this.full = false;
      this.#keeper.drained(this);
    }
  }

  /** The connection is gone, by whoever's doing. */
  closed(): void {
    if (this.#standing.phase !== 'closed') {
      this.#keeper.ended(this);
      this.#standing = closed;
    }
  }

  /** Of the protocol, as both sides speak it; 0 before `welcome` and after the end. */
  get version(): number {
    return this.#standing.phase === 'open' ? this.#standing.version : 0;
  }

  get takesOrders(): boolean {
    return this.orderKey !== null;
  }

  /** The agent has proved that it is this endpoint. */
  welcome(endpoint: SessionEndpoint, version: number): void {
    this.#standing = { phase: 'open', endpoint, version };
  }

  send(message: ServerMessage): SendResult {
    if (this.#standing.phase === 'closed') {
      return 'lost';
    }
    const result = this.#sink.send(encode(message));
    if (result === 'full') {
      this.full = true;
    }
    if (result === 'lost') {
      this.end('the connection takes no more frames');
    }
    return result;
  }

  refuse(refusal: Refusal): void {
    this.send({ type: 'refused', ...refusal });
    this.end(refusal.why);
  }

  end(why: string): void {
    if (this.#standing.phase !== 'closed') {
      this.#keeper.ended(this);
      this.#standing = closed;
      this.#sink.close(why);
    }
  }

  #hear(bytes: Uint8Array): void {
    const standing = this.#standing;
    if (standing.phase !== 'open' && bytes.length > longestHello) {
      throw new Fault('too_large', `A hello has at most ${longestHello} bytes.`);
    }
    const message = decode(bytes, agentMessageSchema);
    if (standing.phase === 'open' && message.type !== 'hello') {
      this.#keeper.heard(this, standing.endpoint, message);
      return;
    }
    if (standing.phase === 'challenged' && message.type === 'hello') {
      this.#standing = greeting;
      this.#keeper.greet(this, standing.nonce, message);
      return;
    }
    throw new Fault('invalid_request', `A frame of the type ${message.type} has no place here.`);
  }
}
