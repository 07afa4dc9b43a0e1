import { once } from 'node:events';
import type { TaskId } from '#core/action/action-id.ts';
import type { AgentGateway } from '#gateway/agent-gateway.ts';
import type { AgentSession } from '#gateway/agent-session.ts';
import type { FrameSink, SendResult } from '#gateway/frame-sink.ts';
import { decode, encode } from '#wire/codec.ts';
import { type AgentMessage, type ServerMessage, serverMessageSchema } from '#wire/messages.ts';
import { type Order, orderSchema } from '#wire/order.ts';
import type { Report } from '#wire/report.ts';
import { signBytes } from '#wire/signature.ts';
import type { Device } from './device.ts';

type Told<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** Far beyond what anything here takes; a test that hits it has failed. */
const patience = 5_000;

/** An agent at the other end of a connection in memory: real frames, real signatures, no socket. */
export class TestAgent implements FrameSink {
  readonly device: Device;
  readonly session: AgentSession;
  /** All that the server has said, in order. */
  readonly heard: ServerMessage[] = [];
  /** What the transport says to each frame. */
  result: SendResult = 'sent';
  closedWith: string | undefined;
  /** A connection that was cut without a word answers nothing. */
  isCut = false;
  readonly #news = new EventTarget();
  #read = 0;

  constructor(gateway: AgentGateway, device: Device) {
    this.device = device;
    this.session = gateway.open(this);
  }

  send(frame: Uint8Array): SendResult {
    if (this.result !== 'lost') {
      this.heard.push(decode(frame.slice(), serverMessageSchema));
      this.#news.dispatchEvent(new Event('news'));
    }
    return this.result;
  }

  ping(payload: Uint8Array): boolean {
    if (!this.isCut) {
      queueMicrotask(() => this.session.ponged(payload));
    }
    return this.result !== 'lost';
  }

  close(why: string): void {
    this.closedWith = why;
    this.#news.dispatchEvent(new Event('news'));
    queueMicrotask(() => this.session.closed());
  }

  say(message: AgentMessage): void {
    this.session.frame(encode(message));
  }

  hello(change: Partial<Extract<AgentMessage, { type: 'hello' }>> = {}): void {
    const { endpoint, key } = this.device;
    const { hostName, platform, operatingSystem, operatingSystemVersion, architecture, addresses } = endpoint;
    const { macAddresses, users, domain, agentVersion, roots, limitations } = endpoint;
    const system = { hostName, platform, operatingSystem, operatingSystemVersion, architecture };
    const lists = { macAddresses: [...macAddresses], users: [...users], roots: [...roots] };
    const nonce = this.all('challenge')[0]?.nonce ?? new Uint8Array();
    this.say({
      type: 'hello',
      version: 1,
      endpointId: endpoint.id,
      signature: signBytes('custody-hello-v1', nonce, key),
      vaultRecipient: endpoint.vaultRecipient,
      facts: { ...system, ...lists, addresses: [...addresses], limitations: [...limitations], domain, agentVersion },
      ...change,
    });
  }

  /** The next message of a type that was not looked at before; others before it are passed over. */
  async next<Type extends ServerMessage['type']>(type: Type): Promise<Told<Type>> {
    const signal = AbortSignal.timeout(patience);
    for (;;) {
      while (this.#read < this.heard.length) {
        const message = this.heard[this.#read++];
        if (message?.type === type) {
          return message as Told<Type>;
        }
      }
      await once(this.#news, 'news', { signal });
    }
  }

  all<Type extends ServerMessage['type']>(type: Type): readonly Told<Type>[] {
    return this.heard.filter((message): message is Told<Type> => message.type === type);
  }

  async nextOrder(): Promise<Order> {
    return decode((await this.next('order')).order, orderSchema);
  }

  /** The first order, however late it comes. */
  async firstOrder(): Promise<Order> {
    for (;;) {
      const [told] = this.all('order');
      if (told !== undefined) {
        return decode(told.order, orderSchema);
      }
      await once(this.#news, 'news');
    }
  }

  accept(...taskIds: readonly TaskId[]): void {
    this.say({ type: 'accepted', taskIds: [...taskIds] });
  }

  /** A signed report that every file of an order was done, with whatever the test wants otherwise. */
  report(order: Order, change: Partial<Report> = {}, device: Device = this.device): void {
    const report: Report = {
      v: 1,
      endpointId: this.device.endpoint.id,
      actionId: order.actionId,
      taskId: order.taskId,
      startedAt: 1,
      finishedAt: 2,
      files: [
        {
          ordinal: 0,
          outcome: 'done',
          reason: null,
          message: '',
          path: null,
          sha256: null,
          size: null,
          vaultObject: null,
          effect: null,
          losses: [],
          details: {},
        },
      ],
      ...change,
    };
    const bytes = encode(report);
    this.say({ type: 'report', report: bytes, signature: signBytes('custody-report-v1', bytes, device.key) });
  }

  /** The line goes dead without a word. */
  vanish(): void {
    this.result = 'lost';
    this.session.closed();
  }
}
