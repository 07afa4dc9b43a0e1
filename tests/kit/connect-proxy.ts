import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ConnectProxySettings {
  /** `user:password` that it asks for. */
  readonly login?: string;
  /** With these it is spoken to over TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** What it answers to every CONNECT instead of doing what it was asked. */
  readonly answer?: string;
  /** The loopback port that every tunnel leads to, whatever it was asked for: for clients that know one host name only. */
  readonly leadsTo?: number;
}

/** An HTTP proxy that opens tunnels, over TLS itself where it has a certificate. */
export class ConnectProxy implements AsyncDisposable {
  /** The targets of the tunnels that it opened. */
  readonly tunnels: string[] = [];
  /** How many asked, and got no tunnel. */
  refused = 0;
  private readonly sockets = new Set<Socket>();
  private readonly settings: ConnectProxySettings;
  private readonly server: Server;

  private constructor(settings: ConnectProxySettings) {
    this.settings = settings;
    const take = (socket: Socket) => this.take(socket);
    this.server =
      settings.tls === undefined
        ? createServer(take)
        : createTlsServer({ cert: readFileSync(settings.tls.certificate), key: readFileSync(settings.tls.key) }, take);
  }

  static async start(settings: ConnectProxySettings = {}): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(settings);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** With the login in it. */
  get url(): string {
    const { login, tls } = this.settings;
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `${tls === undefined ? 'http' : 'https'}://${login === undefined ? '' : `${login}@`}127.0.0.1:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(socket: Socket): void {
    this.keep(socket);
    let head = '';
    const hear = (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (head.includes('\r\n\r\n')) {
        socket.off('data', hear);
        this.answer(socket, head);
      }
    };
    socket.on('data', hear);
  }

  private answer(socket: Socket, head: string): void {
    const { login, answer, leadsTo } = this.settings;
    const [, host = '', port] = /^CONNECT (\S+):(\d+) HTTP\/1\.[01]\r\n/.exec(head) ?? [];
    const credentials = /^proxy-authorization: basic (\S+)\r$/im.exec(head)?.[1] ?? '';
    const known = login === undefined || Buffer.from(credentials, 'base64').toString() === decodeURIComponent(login);
    if (answer !== undefined || port === undefined || !known) {
      this.refused += 1;
      socket.end(answer ?? 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.tunnels.push(`${host}:${port}`);
    const server =
      leadsTo === undefined ? connect(Number(port), host.replace(/^\[|\]$/g, '')) : connect(leadsTo, '127.0.0.1');
    this.keep(server);
    server.once('connect', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    server.pipe(socket);
    socket.pipe(server);
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
