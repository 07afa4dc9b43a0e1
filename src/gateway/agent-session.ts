import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Random } from '#core/ports/random.ts';
import type { Milliseconds } from '#core/time.ts';
import { type Rate, TokenBucket } from '#core/token-bucket.ts';
import { decode, encode } from '#wire/codec.ts';
import { heartbeatOf } from '#wire/heartbeat-frame.ts';
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
  /** It says more, or more often, than any honest agent. */
  flooded(session: AgentSession): void;
  drained(session: AgentSession): void;
  ended(session: AgentSession): void;
}

/** What a session begins with. */
export interface Opening {
  readonly nonce: Uint8Array;
  readonly remoteAddress: string;
  /** How much it may say. */
  readonly rates: { readonly frames: Rate; readonly bytes: Rate };
}

/** Where a connection stands: who it may speak for, and what it may say. */
type Standing =
  | { readonly phase: 'challenged'; readonly nonce: Uint8Array }
  | { readonly phase: 'open'; readonly endpoint: SessionEndpoint; readonly version: number }
  | { readonly phase: 'greeting' | 'closed' };

/** Nobody answers a ping that they have not heard. */
const pingBytes = 16;

interface PingPorts {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly random: Pick<Random, 'bytes'>;
}

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
  /** The order key that its agent trusts, base64: it takes any other's orders for forgeries. Null: nobody knows, or it said that it does not follow. */
  orderKey: string | null = null;
  /** That key is the present one, so far as this server has learnt. */
  takesOrders = false;
  /** The last number that this agent was given to keep; null: it keeps none. */
  generation: number | null = null;
  /** The revision of the emergency stop that its agent has on disk; null: it has confirmed none. */
  keptStop: number | null = null;
  /** How many are about to give it another number: until they have, the store is ahead of what stands here. */
  renewals = 0;
  /** Of the other end; the empty text where it has none. */
  readonly remoteAddress: string;
  readonly #keeper: SessionKeeper;
  readonly #sink: FrameSink;
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;
  /** Who waits for the answer to a ping, by what was sent with it. */
  #asked: Map<string, (answered: boolean) => void> | undefined;
  #standing: Standing;

  constructor(keeper: SessionKeeper, sink: FrameSink, { nonce, remoteAddress, rates }: Opening) {
    this.#keeper = keeper;
    this.#sink = sink;
    this.#standing = { phase: 'challenged', nonce };
    this.remoteAddress = remoteAddress;
    this.openedAt = keeper.monotonic();
    this.lastHeard = this.openedAt;
    this.#frames = new TokenBucket(rates.frames, this.openedAt);
    this.#bytes = new TokenBucket(rates.bytes, this.openedAt);
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
    if (!this.#frames.take(1, this.lastHeard) || !this.#bytes.take(bytes.length, this.lastHeard)) {
      this.#keeper.flooded(this);
      return;
    }
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
      this.#close();
    }
  }

  /** Of the protocol, as both sides speak it; 0 before `welcome` and after the end. */
  get version(): number {
    return this.#standing.phase === 'open' ? this.#standing.version : 0;
  }

  /**
   * Whether the other end is there now, and not only a connection that nobody has ended: it answers what is sent to it. What it
   * said before proves nothing.
   */
  answers({ clock, random }: PingPorts, patience: Milliseconds): Promise<boolean> {
    const payload = random.bytes(pingBytes);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const name = Buffer.from(payload).toString('hex');
    const withdraw = clock.schedule(patience, () => resolve(false));
    const asked = this.#asked ?? new Map<string, (answered: boolean) => void>();
    this.#asked = asked;
    asked.set(name, resolve);
    if (this.#standing.phase === 'closed' || !this.#sink.ping(payload)) {
      resolve(false);
    }
    return promise.finally(() => {
      withdraw();
      asked.delete(name);
    });
  }

  /** The answer to a ping has come. */
  ponged(payload: Uint8Array): void {
    this.#asked?.get(Buffer.from(payload).toString('hex'))?.(true);
  }

  /** The agent has proved that it is this endpoint. */
  welcome(endpoint: SessionEndpoint, version: number): void {
    this.#standing = { phase: 'open', endpoint, version };
  }

  /** Another number to keep, for an agent that keeps one. */
  renew(generation: number): void {
    if (this.generation !== null) {
      this.generation = generation;
      this.send({ type: 'generation', generation });
    }
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
      this.#close();
      this.#sink.close(why);
    }
  }

  #close(): void {
    this.#standing = closed;
    for (const answered of this.#asked?.values() ?? []) {
      answered(false);
    }
  }

  #hear(bytes: Uint8Array): void {
    const standing = this.#standing;
    if (standing.phase !== 'open' && bytes.length > longestHello) {
      throw new Fault('too_large', `A hello has at most ${longestHello} bytes.`);
    }
    const message = heartbeatOf(bytes) ?? decode(bytes, agentMessageSchema);
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
