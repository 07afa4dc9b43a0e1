import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { ProxySetting } from '../identity/proxy.ts';

/** A proxy that says nothing for this long is given up. */
const silence = 30_000;
/** Of the proxy's answer, before the tunnel begins. */
const longestHead = 16 * 1024;
const endOfHead = '\r\n\r\n';

interface Destination {
  readonly host: string;
  readonly port: number;
}

interface Tls {
  readonly host: string;
  readonly ca: readonly string[];
}

/**
 * Connections to servers through a proxy's CONNECT (RFC 9110 9.3.6), with TLS to the server inside. Only a 2xx opens the
 * tunnel: any other answer is the proxy's own word, and must never pass for the server's.
 */
export class TunnelAgent extends https.Agent {
  private readonly proxy: ProxySetting;
  private readonly authorities: readonly string[];

  constructor(options: https.AgentOptions, proxy: ProxySetting, authorities: readonly string[]) {
    super(options);
    this.proxy = proxy;
    this.authorities = authorities;
  }

  override createConnection(
    options: { readonly host?: string | null; readonly port?: number | string | null },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): null {
    const destination = { host: options.host ?? '', port: Number(options.port ?? 443) };
    openTunnel(this.proxy, destination)
      .then((socket) => secure(socket, { host: destination.host, ca: this.authorities }))
      .then(
        (socket) => callback?.(null, socket),
        (thrown: unknown) => callback?.(asError(thrown), new net.Socket()),
      );
    return null;
  }
}

/** @throws Error when the proxy cannot be reached, or refuses. */
async function openTunnel(proxy: ProxySetting, { host, port }: Destination): Promise<net.Socket> {
  const socket = await connectTo(proxy);
  try {
    const { username, password } = new URL(proxy.url);
    const name = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const login = username === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(words).toString('base64')}\r\n`;
    socket.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n${login}\r\n`);
    const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(await readHead(socket))?.[1]);
    if (!(status >= 200 && status < 300)) {
      throw new Error(`the proxy answered with status ${Number.isNaN(status) ? 'unknown' : status}`);
    }
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

function connectTo(proxy: ProxySetting): Promise<net.Socket> {
  const { protocol, hostname, port } = new URL(proxy.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') {
    const socket = net.connect({ host, port: Number(port || 80) });
    return opened(socket, 'connect');
  }
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  const trusted = proxy.authority === null ? {} : { ca: proxy.authority };
  return opened(tls.connect({ host, port: Number(port || 443), ...name, ...trusted }), 'secureConnect');
}

function secure(socket: net.Socket, { host, ca }: Tls): Promise<tls.TLSSocket> {
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  return opened(tls.connect({ socket, host, ca: [...ca], ...name }), 'secureConnect');
}

function opened<Socket extends net.Socket>(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.setTimeout(silence, () => socket.destroy(new Error('the connection was not made in time')));
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('the connection was closed before it was made')));
  socket.once(event, () => {
    socket.setTimeout(0);
    resolve(socket);
  });
  return promise;
}

/** Up to the empty line. The server says nothing before it has been spoken to: more than the head is no tunnel. */
function readHead(socket: net.Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let head = '';
  const hear = (bytes: Buffer) => {
    head += bytes.toString('latin1');
    if (head.endsWith(endOfHead)) {
      resolve(head);
    } else if (head.includes(endOfHead) || head.length > longestHead) {
      reject(new Error('the proxy’s answer cannot be read'));
    }
  };
  const end = () => reject(new Error('the proxy closed the connection'));
  socket.on('data', hear);
  socket.once('close', end);
  socket.setTimeout(silence, () => socket.destroy(new Error('the proxy did not answer in time')));
  return promise.finally(() => {
    socket.setTimeout(0);
    socket.off('data', hear);
    socket.off('close', end);
  });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
