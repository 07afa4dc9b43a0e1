import { connect, createServer, type Server, type Socket } from 'node:net';

/** How a connection is cut: both ends hear of it, or the server goes on believing that its agent is there. */
export type CutKind = 'both' | 'agent only';

/** Carries bytes between agents and one server, counts what agents send, and cuts where it is told to. */
export class TcpProxy implements AsyncDisposable {
  /** Bytes that agents have sent through it, those of TLS and of requests among them. */
  received = 0;
  connections = 0;
  /** Offsets in what agents have sent, in order: each is where everything is cut once, to the byte. */
  cuts: number[] = [];
  /** Called for each piece that went through. */
  passed: () => void = () => undefined;
  /** Whether what agents send goes nowhere from now on, while their connections stay open. */
  swallows: () => boolean = () => false;
  /** Bytes per second from agents to the server, all connections together; undefined: as fast as it goes. */
  rate: number | undefined;
  private readonly pairs = new Map<Socket, Socket>();
  /** Server sides whose agents were cut away without a word. */
  private readonly orphans: Socket[] = [];
  private readonly server: Server;
  private free = performance.now();

  private constructor(port: () => number) {
    this.server = createServer({ noDelay: true }, (agent) => this.carry(agent, connect(port(), '127.0.0.1')));
  }

  static async start(port: () => number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  cutAll(kind: CutKind = 'both'): void {
    for (const [agent, server] of this.pairs) {
      this.pairs.delete(agent);
      agent.destroy();
      if (kind === 'both') {
        server.end();
      } else {
        this.orphans.push(server);
      }
    }
  }

  /** The bytes before the cut still arrive: it falls into the middle of a request more often than not. */
  private cut(server: Socket, before: Buffer): void {
    this.received += before.length;
    server.write(before);
    this.cutAll(Math.random() < 0.5 ? 'both' : 'agent only');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    for (const each of [...this.orphans, ...this.pairs.values()]) {
      each.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(agent: Socket, server: Socket): void {
    this.connections += 1;
    this.pairs.set(agent, server);
    agent.on('data', (bytes: Buffer) => void this.pass(agent, server, bytes));
    server.pipe(agent, { end: false });
    const end = () => {
      if (this.pairs.delete(agent)) {
        agent.destroy();
        server.destroy();
      }
    };
    for (const socket of [agent, server]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  }

  private async pass(agent: Socket, server: Socket, bytes: Buffer): Promise<void> {
    const [cut = Number.POSITIVE_INFINITY] = this.cuts;
    if (this.received + bytes.length >= cut) {
      this.cuts.shift();
      this.cut(server, bytes.subarray(0, Math.max(0, cut - this.received)));
      return;
    }
    this.received += bytes.length;
    this.passed();
    agent.pause();
    if (this.swallows()) {
      return;
    }
    await this.waitForRate(bytes.length);
    if (server.destroyed || server.write(bytes)) {
      agent.resume();
    } else {
      server.once('drain', () => agent.resume());
    }
  }

  private async waitForRate(bytes: number): Promise<void> {
    if (this.rate !== undefined) {
      this.free = Math.max(this.free, performance.now()) + (bytes / this.rate) * 1_000;
      await Bun.sleep(this.free - performance.now());
    }
  }
}
