import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { FrameConnection, FrameHandlers, Net, NetRequest, NetResponse } from '#core/ports/net.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import type { AgentSession } from '#gateway/agent-session.ts';
import type { FrameSink } from '#gateway/frame-sink.ts';
import { decode } from '#wire/codec.ts';
import type { CrashKind } from './disk.ts';
import type { Life } from './life.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

/** The server that runs now, as its sockets see it. */
export interface Listener {
  readonly life: Life;
  open(sink: FrameSink, remoteAddress: string): AgentSession;
  answer(request: Request, remoteAddress: string): Promise<Response>;
}

/** One machine's place in the network. */
export interface Caller {
  readonly name: string;
  readonly life: Life;
}

/** `reset`: both ends are told. `silent`: neither is, and what was under way may arrive much later. */
type CutKind = 'reset' | 'silent';

const longestHop: Milliseconds = 80;
/** How long a connection is waited for that nobody answers. */
const connectPatience: Milliseconds = 20 * second;
const requestPatience: Milliseconds = minute;
const latest: Milliseconds = 2 * minute;
/** How much later a frame may come again, over whichever connection there is by then. */
const repeatedWithin: Milliseconds = 20 * minute;

/** What either end says again by itself. A connection never repeats anything: it is authenticated, frame by frame. */
const repeatable: ReadonlySet<string> = new Set(['order', 'cancel', 'recorded', 'accepted', 'report', 'order_refused']);

const typeSchema = z.object({ type: z.string() });

function typeOf(frame: Uint8Array): string {
  return decode(frame, typeSchema).type;
}

/** Carries frames between agents and whichever server runs: late, twice, or not at all. */
export class Network {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly trace: Trace;
  listener: Listener | undefined;
  /** By machine: of a thousand nobody wants to look through all. In the order in which they were opened, as `Map` keeps it. */
  readonly #open = new Map<string, Set<Connection>>();
  readonly #partitioned = new Set<string>();

  constructor(parts: Pick<Network, 'timeline' | 'weather' | 'trace'>) {
    this.timeline = parts.timeline;
    this.weather = parts.weather;
    this.trace = parts.trace;
  }

  /** The `Net` port of one run of an agent. */
  netOf(caller: Caller): Net {
    return {
      connect: (handlers) => new Connection(this, caller, handlers),
      request: (request) => this.#request(caller, request),
    };
  }

  /** Nothing goes to this machine or comes from it until `heal`. */
  partition(name: string): void {
    this.#partitioned.add(name);
    this.cut(name, 'silent');
  }

  heal(name: string): void {
    this.#partitioned.delete(name);
  }

  isPartitioned(name: string): boolean {
    return this.#partitioned.has(name);
  }

  cut(name: string, kind: CutKind): void {
    for (const connection of this.#connectionsOf(name)) {
      connection.cut(kind);
    }
  }

  callerEnded(name: string, kind: CrashKind): void {
    this.cut(name, kind === 'killed' ? 'reset' : 'silent');
  }

  listenerEnded(kind: CrashKind): void {
    this.listener = undefined;
    for (const connection of [...this.#open.values()].flatMap((each) => [...each])) {
      connection.cut(kind === 'killed' ? 'reset' : 'silent');
    }
  }

  /** Of a machine, other than the one given. */
  otherOf(name: string): Connection | undefined {
    return this.#connectionsOf(name).at(-1);
  }

  enter(connection: Connection): void {
    const { name } = connection.caller;
    const known = this.#open.get(name);
    if (known === undefined) {
      this.#open.set(name, new Set([connection]));
    } else {
      known.add(connection);
    }
  }

  leave(connection: Connection): void {
    this.#open.get(connection.caller.name)?.delete(connection);
  }

  #connectionsOf(name: string): readonly Connection[] {
    return [...(this.#open.get(name) ?? [])];
  }

  async #request(caller: Caller, request: NetRequest): Promise<NetResponse> {
    const { timeline, weather, trace } = this;
    const { promise, resolve, reject } = Promise.withResolvers<NetResponse>();
    const fail = (why: string) => reject(new Fault('unavailable', `The server cannot be reached: ${why}.`));
    timeline.at(requestPatience, () => caller.life.isOver || fail('the connection was silent for too long'));
    await this.#hop(caller);
    const { listener } = this;
    if (this.isPartitioned(caller.name) || weather.strikes('request_lost')) {
      return promise;
    }
    if (listener === undefined) {
      fail('connection refused');
      return promise;
    }
    const body = this.#bodyOf(request);
    trace.note(`${caller.name} asks ${request.method} ${request.path}`);
    const { method, path, headers } = request;
    const asked = new Request(`https://custody.test${path}`, { method, headers, ...(body && { body }) });
    listener.answer(asked, caller.name).then(async (response) => {
      if (weather.strikes('answer_lost')) {
        return;
      }
      const answer = new Uint8Array(response.body === null ? [] : await readAll(response.body));
      timeline.at(weather.delay(longestHop), () => {
        if (!(caller.life.isOver || listener.life.isOver || this.isPartitioned(caller.name))) {
          trace.note(`${caller.name} is answered ${response.status}`);
          resolve({ status: response.status, headers: Object.fromEntries(response.headers), body: answer });
        }
      });
    }, reject);
    return promise;
  }

  #hop({ life }: Caller): Promise<void> {
    return new Promise((resolve) => {
      this.timeline.at(this.weather.delay(longestHop), () => life.isOver || resolve());
    });
  }

  #bodyOf({ method, body }: NetRequest): ReadableStream<Uint8Array> | undefined {
    if (method === 'HEAD' || method === 'GET' || body === undefined) {
      return undefined;
    }
    const whole = body instanceof ReadableStream ? body : streamOf(body);
    return this.weather.strikes('body_broken') ? brokenOff(whole) : whole;
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** Half of the first piece, and then no more. */
function brokenOff(whole: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = whole.getReader();
  let isTaken = false;
  return new ReadableStream(
    {
      async pull(controller) {
        if (isTaken) {
          controller.error(new Error('The connection broke off.'));
          return;
        }
        isTaken = true;
        const { value } = await reader.read();
        controller.enqueue((value ?? new Uint8Array()).subarray(0, (value?.length ?? 0) >> 1));
      },
    },
    { highWaterMark: 0 },
  );
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) {
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** One direction: frames arrive in the order in which they were sent. */
class Direction {
  readonly #network: Network;
  readonly #arrive: (frame: Uint8Array) => void;
  #lastAt: Milliseconds = 0;
  /** Frames that would arrive later than this never do. */
  #until: Milliseconds = Number.POSITIVE_INFINITY;
  #late: Milliseconds = 0;

  constructor(network: Network, arrive: (frame: Uint8Array) => void) {
    this.#network = network;
    this.#arrive = arrive;
  }

  send(frame: Uint8Array): void {
    const { timeline, weather } = this.#network;
    this.#lastAt = Math.max(this.#lastAt, timeline.now + weather.delay(longestHop));
    const at = this.#lastAt;
    timeline.at(at - timeline.now, () => {
      if (at > this.#until) {
        return;
      }
      if (this.#late > 0) {
        timeline.at(this.#late, () => this.#arrive(frame));
      } else {
        this.#arrive(frame);
      }
    });
  }

  /** From now on nothing that is sent arrives; of what is under way the first part may, at once or late. */
  end(isLate: boolean): void {
    const { timeline, weather } = this.#network;
    this.#until = Math.min(this.#until, timeline.now + weather.delay(longestHop));
    if (isLate && weather.strikes('frame_late')) {
      this.#late = weather.between(second, latest);
      this.#until = timeline.now + longestHop;
    }
  }

  /** Calls once all that was sent has arrived. */
  after(call: () => void): void {
    const { timeline } = this.#network;
    timeline.at(Math.max(0, this.#lastAt - timeline.now), call);
  }
}

/** One WebSocket, seen from both of its ends. */
class Connection implements FrameConnection {
  readonly caller: Caller;
  readonly #network: Network;
  readonly #handlers: FrameHandlers;
  readonly #toServer: Direction;
  readonly #toAgent: Direction;
  #listener: Listener | undefined;
  #session: AgentSession | undefined;
  #isCut = false;
  #hasAgentEnded = false;
  #hasServerEnded = false;

  constructor(network: Network, caller: Caller, handlers: FrameHandlers) {
    this.#network = network;
    this.caller = caller;
    this.#handlers = handlers;
    this.#toServer = new Direction(network, (frame) => this.arriveAtServer(frame));
    this.#toAgent = new Direction(network, (frame) => this.arriveAtAgent(frame));
    network.enter(this);
    network.timeline.at(network.weather.delay(longestHop), () => this.#reach());
  }

  send(frame: Uint8Array): void {
    if (!(this.#isCut || this.#hasAgentEnded)) {
      this.#toServer.send(frame.slice());
      this.#repeat(frame, 'server');
    }
  }

  close(why: string): void {
    if (!this.#hasAgentEnded) {
      this.#endAtAgent(why);
      if (!this.#isCut) {
        this.#toServer.after(() => this.#endAtServer());
      }
    }
  }

  cut(kind: CutKind): void {
    if (this.#isCut) {
      return;
    }
    this.#isCut = true;
    this.#network.trace.note(`${this.caller.name} is cut off, ${kind}`);
    this.#toServer.end(kind === 'silent');
    this.#toAgent.end(false);
    const { timeline, weather } = this.#network;
    if (kind === 'reset') {
      timeline.at(longestHop + weather.delay(second), () => this.#endAtServer());
      timeline.at(longestHop + weather.delay(second), () => this.#endAtAgent('connection reset'));
    }
  }

  arriveAtServer(frame: Uint8Array): void {
    if (!(this.#hasServerEnded || this.#listener?.life.isOver === true)) {
      this.#network.trace.note(`${this.caller.name} is heard`, frame);
      this.#session?.frame(frame);
    }
  }

  arriveAtAgent(frame: Uint8Array): void {
    if (!(this.#hasAgentEnded || this.caller.life.isOver)) {
      this.#network.trace.note(`${this.caller.name} hears`, frame);
      this.#handlers.frame(frame);
    }
  }

  /** Only between ends that know each other: before that, nothing but a greeting has a place. */
  get isOpen(): boolean {
    return this.#session?.phase === 'open' && !this.#isCut;
  }

  #reach(): void {
    const { listener, timeline } = this.#network;
    if (this.#isCut || this.#hasAgentEnded || this.caller.life.isOver) {
      return;
    }
    if (this.#network.isPartitioned(this.caller.name)) {
      timeline.at(connectPatience, () => this.#endAtAgent('the connection was not made in time'));
      return;
    }
    if (listener === undefined) {
      this.#endAtAgent('connection refused');
      return;
    }
    this.#listener = listener;
    this.#handlers.opened();
    this.#session = listener.open(this.#sink(), this.caller.name);
  }

  #sink(): FrameSink {
    return {
      send: (frame) => {
        if (this.#hasServerEnded) {
          return 'lost';
        }
        if (!this.#isCut) {
          this.#toAgent.send(frame.slice());
          this.#repeat(frame, 'agent');
        }
        return 'sent';
      },
      ping: (payload) => {
        this.#answerPing(payload.slice());
        return !this.#hasServerEnded;
      },
      close: (why) => {
        this.#endAtServer();
        if (!this.#isCut) {
          this.#toAgent.after(() => this.#endAtAgent(why));
        }
      },
    };
  }

  #answerPing(payload: Uint8Array): void {
    const { timeline, weather } = this.#network;
    timeline.at(weather.delay(longestHop), () => {
      if (!(this.#isCut || this.#hasAgentEnded || this.caller.life.isOver || this.#listener?.life.isOver === true)) {
        timeline.at(weather.delay(longestHop), () => this.#session?.ponged(payload));
      }
    });
  }

  #endAtAgent(why: string): void {
    if (!this.#hasAgentEnded) {
      this.#hasAgentEnded = true;
      this.#leaveOnce();
      if (!this.caller.life.isOver) {
        this.#handlers.closed(why);
      }
    }
  }

  #endAtServer(): void {
    if (!this.#hasServerEnded) {
      this.#hasServerEnded = true;
      this.#leaveOnce();
      if (this.#listener?.life.isOver === false) {
        this.#session?.closed();
      }
    }
  }

  #leaveOnce(): void {
    if (this.#hasAgentEnded && (this.#hasServerEnded || this.#session === undefined)) {
      this.#network.leave(this);
    }
  }

  #repeat(frame: Uint8Array, to: 'agent' | 'server'): void {
    const { timeline, weather } = this.#network;
    if (!(this.isOpen && weather.strikes('frame_repeated') && repeatable.has(typeOf(frame)))) {
      return;
    }
    const copy = frame.slice();
    timeline.at(weather.between(0, repeatedWithin), () => {
      const other = this.#network.otherOf(this.caller.name);
      if (other?.isOpen !== true) {
        return;
      }
      if (to === 'agent') {
        other.arriveAtAgent(copy);
      } else {
        other.arriveAtServer(copy);
      }
    });
  }
}
