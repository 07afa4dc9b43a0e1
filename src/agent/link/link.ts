import type { KeyObject } from 'node:crypto';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { FrameConnection, Net } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import { decode, encode } from '#wire/codec.ts';
import { hostFactsSchema } from '#wire/host-facts.ts';
import { firstWithKeyChanges, heartbeat, wireVersions } from '#wire/limits.ts';
import { type AgentMessage, type ServerMessage, serverMessageSchema, type ToldTime } from '#wire/messages.ts';
import { signBytes } from '#wire/signature.ts';
import type { Lineage } from '../identity/lineage.ts';
import { pause } from '../tasks/pause.ts';
import { backoff } from './backoff.ts';
import type { ServerChoice } from './servers.ts';

export interface LinkTools {
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly endpointId: EndpointId;
  readonly deviceKey: KeyObject;
  readonly vaultRecipient: string;
  readonly servers: ServerChoice;
  facts(): HostFacts;
  /** That the agent trusts now, base64. */
  orderKey(): string;
  /** What tells this agent from a copy of it; without it, it connects as older ones do. */
  readonly lineage?: Pick<Lineage, 'machine' | 'generation' | 'keep'>;
}

/** What a server says once the agent has proved itself. */
export type Statement = Exclude<
  ServerMessage,
  { type: 'challenge' | 'welcome' | 'generation' | 'refused' | 'heartbeat' }
>;

export interface LinkHandlers {
  /** @param version of the protocol, as both sides speak it */
  welcomed(version: number): void;
  heard(statement: Statement): void;
  lost(): void;
  /** The server's time, with its welcome and with each heartbeat. */
  time?(told: ToldTime): void;
  /** Each end of a connection, or of an attempt at one, in words. */
  ended?(why: string): void;
}

/** How one connection ended. */
interface Ended {
  readonly why: string;
  readonly welcomed: boolean;
  readonly retryAfter: Milliseconds;
  readonly final: boolean;
}

/** From the first byte to `welcome`. */
const greetingPatience: Milliseconds = 30 * second;
/** An agent that had to go to another server looks this often, at most, whether the first one is back. */
const returnAfter: Milliseconds = 10 * minute;
/** Between two servers of one list. */
const stepPause: Milliseconds = second;

/** Keeps one connection to the server, for as long as the agent lives. */
export class Link {
  private session: Session | undefined;
  private readonly tools: LinkTools;
  private readonly handlers: LinkHandlers;

  constructor(tools: LinkTools, handlers: LinkHandlers) {
    this.tools = tools;
    this.handlers = handlers;
  }

  /** Said at once, or not at all while there is no connection. @returns whether it was said. */
  say(message: Exclude<AgentMessage, { type: 'hello' }>): boolean {
    return this.session?.say(message) ?? false;
  }

  /** Breaks the connection, to begin again with a clean one. */
  restart(why: string): void {
    this.session?.close(why);
  }

  /**
   * Connects, and again after each loss, until the signal is given.
   * @throws Fault `permission_denied` when the server refuses this endpoint for good.
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const ended = await this.connectOnce(signal);
      this.handlers.ended?.(ended.why);
      if (ended.final) {
        throw new Fault('permission_denied', `The server refused this endpoint for good: ${ended.why}`);
      }
      if (!signal.aborted) {
        const allTried = this.tools.servers.ended(ended.welcomed);
        failures = ended.welcomed ? 1 : failures + Number(allTried);
        const delay = allTried
          ? backoff(failures, this.tools.random, ended.retryAfter)
          : Math.round(stepPause * this.tools.random.fraction());
        this.tools.log.info('The connection to the server ended; it is tried again.', { why: ended.why, delay });
        await pause(this.tools.clock, delay, signal);
        await this.tools.servers.refresh();
      }
    }
  }

  private connectOnce(signal: AbortSignal): Promise<Ended> {
    const { promise, resolve } = Promise.withResolvers<Ended>();
    const session = new Session(this.tools, this.handlers, (ended) => {
      this.session = undefined;
      signal.removeEventListener('abort', stop);
      resolve(ended);
    });
    const stop = () => session.close('the agent is stopping');
    signal.addEventListener('abort', stop);
    this.session = session;
    session.open();
    return promise;
  }
}

/** One connection: challenge, hello, welcome, then whatever there is to say, with a heartbeat in the silences. */
class Session {
  private connection: FrameConnection | undefined;
  private welcomed = false;
  private version: number | undefined;
  private kept: number | undefined;
  private hasEnded = false;
  private refusal: Extract<ServerMessage, { type: 'refused' }> | undefined;
  private heardAt: Milliseconds;
  private withdraw: (() => void) | undefined;
  private withdrawReturn: (() => void) | undefined;
  private readonly tools: LinkTools;
  private readonly handlers: LinkHandlers;
  private readonly ended: (ended: Ended) => void;

  constructor(tools: LinkTools, handlers: LinkHandlers, ended: (ended: Ended) => void) {
    this.tools = tools;
    this.handlers = handlers;
    this.ended = ended;
    this.heardAt = tools.clock.monotonic();
  }

  open(): void {
    this.withdraw = this.tools.clock.schedule(greetingPatience, () => this.close('the server did not answer in time'));
    this.connection = this.tools.net.connect({
      opened: () => undefined,
      frame: (bytes) => this.frame(bytes),
      closed: (why) => this.closed(why),
    });
  }

  say(message: AgentMessage): boolean {
    if (this.connection === undefined || (!this.welcomed && message.type !== 'hello')) {
      return false;
    }
    this.connection.send(encode(message));
    return true;
  }

  close(why: string): void {
    this.connection?.close(why);
  }

  /** What was under way when the connection was closed still arrives; a welcome among it must not set this session going. */
  private frame(bytes: Uint8Array): void {
    if (this.hasEnded) {
      return;
    }
    this.heardAt = this.tools.clock.monotonic();
    try {
      this.hear(decode(bytes, serverMessageSchema));
    } catch (thrown) {
      this.close(asFault(thrown).message);
    }
  }

  private hear(message: ServerMessage): void {
    switch (message.type) {
      case 'challenge':
        this.greet(message);
        return;
      case 'welcome':
        this.handlers.time?.(message);
        this.keep(message.generation);
        this.welcome(message.heartbeatInterval);
        return;
      case 'generation':
        if (this.welcomed) {
          this.keep(message.generation);
          this.tellKept();
        }
        return;
      case 'refused':
        this.refusal = message;
        this.close(message.why);
        return;
      case 'heartbeat':
        if (this.welcomed) {
          this.handlers.time?.(message);
        }
        return;
      default:
        if (this.welcomed) {
          this.handlers.heard(message);
        }
    }
  }

  private greet({ nonce, versions }: Extract<ServerMessage, { type: 'challenge' }>): void {
    const version = wireVersions.find((each) => versions.includes(each));
    if (version === undefined) {
      this.close(
        `the server speaks the protocol versions ${versions.join(', ')}, this agent ${wireVersions.join(', ')}`,
      );
      return;
    }
    this.version = version;
    const { endpointId, vaultRecipient, deviceKey } = this.tools;
    const signature = signBytes('custody-hello-v1', nonce, deviceKey);
    const facts = hostFactsSchema.parse(this.tools.facts());
    const orderKey = version >= firstWithKeyChanges ? { orderKey: this.tools.orderKey() } : {};
    const { machine, generation } = this.tools.lineage ?? {};
    this.say({
      type: 'hello',
      version,
      endpointId,
      signature,
      vaultRecipient,
      facts,
      machine,
      generation,
      ...orderKey,
    });
  }

  /** Before anything else is said, so that a cut right after it is no riddle. */
  private keep(generation: number | undefined): void {
    this.kept = generation !== undefined && this.tools.lineage?.keep(generation) === true ? generation : undefined;
  }

  private tellKept(): void {
    if (this.kept !== undefined) {
      this.say({ type: 'generation_kept', generation: this.kept });
    }
  }

  private welcome(interval: Milliseconds): void {
    if (!this.welcomed && this.version !== undefined) {
      this.welcomed = true;
      this.tools.log.info('Connected to the server.');
      this.tellKept();
      this.beat(Math.max(second, interval));
      this.lookForFirst();
      this.handlers.welcomed(this.version);
    }
  }

  /** Leaves a server that only took the first one's place, once that one answers again and not before. */
  private lookForFirst(): void {
    const { servers, clock, random } = this.tools;
    const delay = returnAfter * (1 - random.fraction() / 2);
    this.withdrawReturn = clock.schedule(delay, () => {
      const looked = servers.isFirst ? Promise.resolve(false) : servers.firstAnswers();
      void looked.then((answers) => {
        if (answers) {
          this.close('the first server answers again');
        } else if (!this.hasEnded) {
          this.lookForFirst();
        }
      });
    });
  }

  private beat(interval: Milliseconds): void {
    this.withdraw?.();
    const delay = interval * (1 - heartbeat.jitter * this.tools.random.fraction());
    this.withdraw = this.tools.clock.schedule(delay, () => {
      if (this.tools.clock.monotonic() - this.heardAt > Math.max(heartbeat.patience, 2 * interval)) {
        this.close('the server fell silent');
        return;
      }
      this.say({ type: 'heartbeat' });
      this.beat(interval);
    });
  }

  private closed(why: string): void {
    this.hasEnded = true;
    this.withdraw?.();
    this.withdrawReturn?.();
    if (this.welcomed) {
      this.handlers.lost();
    }
    const { refusal, welcomed } = this;
    this.ended({
      why: refusal?.why ?? why,
      welcomed,
      retryAfter: refusal?.retryAfter ?? 0,
      final: refusal?.final ?? false,
    });
  }
}
