import type { FrameConnection, FrameHandlers } from '#core/ports/net.ts';
import { proxyFor } from '../identity/proxy.ts';
import type { Route } from './route.ts';

/** The agents' WebSocket path. */
const linkPath = '/agent/v1';

/** Opens the WebSocket of a route; TLS to the server goes through the proxy, whose own authority is another matter. */
export function openFrameSocket(route: Route, handlers: FrameHandlers): FrameConnection {
  const socket = openSocket(route);
  socket.binaryType = 'arraybuffer';
  let isClosed = false;
  const closed = (why: string) => {
    if (!isClosed) {
      isClosed = true;
      handlers.closed(why);
    }
  };
  socket.addEventListener('open', () => handlers.opened());
  socket.addEventListener('message', (event) => {
    if (event.data instanceof ArrayBuffer) {
      handlers.frame(new Uint8Array(event.data));
    }
  });
  socket.addEventListener('error', (event) => closed('message' in event ? String(event.message) : 'connection failed'));
  socket.addEventListener('close', (event) => closed(event.reason || `connection closed (${event.code})`));
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(frame);
      }
    },
    close: (why) => {
      socket.close(1000, why.slice(0, 100));
      closed(why);
    },
  };
}

function openSocket({ server, authorities, proxy: setting }: Route): WebSocket {
  const url = new URL(linkPath, server);
  url.protocol = 'wss:';
  const tls = { ca: [...authorities], rejectUnauthorized: true };
  const proxy = proxyFor(setting, new URL(server));
  if (proxy === null) {
    return new WebSocket(url, { tls });
  }
  // Given even where it is empty: without it the runtime would trust the server's authorities for the proxy too.
  const proxyTls = proxy.authority === null ? {} : { ca: proxy.authority };
  return new WebSocket(url, { tls, proxy: { url: proxy.url, tls: proxyTls } });
}
