import type { Server, ServerWebSocket, WebSocketHandler } from 'bun';
import { second } from '#core/time.ts';
import { heartbeat, limits } from '#wire/limits.ts';
import type { AgentGateway } from './agent-gateway.ts';
import type { AgentSession } from './agent-session.ts';
import type { FrameSink, SendResult } from './frame-sink.ts';

/** Unsent bytes at which an agent is given up: more than one largest frame, and the small ones behind it. */
const backpressureLimit = 2 * limits.frameBytes;
/** RFC 6455 5.5: what fits into a close frame beside its code. */
const longestReason = 123;
const goingAway = 1001;

/** What `Bun.serve` keeps per socket: the sink and its session, in one object. */
export class AgentSocket implements FrameSink {
  #socket: ServerWebSocket<AgentSocket> | undefined;
  #session: AgentSession | undefined;
  readonly #remoteAddress: string;

  constructor(remoteAddress: string) {
    this.#remoteAddress = remoteAddress;
  }

  opened(socket: ServerWebSocket<AgentSocket>, gateway: AgentGateway): void {
    this.#socket = socket;
    this.#session = gateway.open(this, this.#remoteAddress);
  }

  received(message: string | Uint8Array): void {
    // The protocol has no text frames; an empty binary one is refused in the same words as any other bad frame.
    this.#session?.frame(typeof message === 'string' ? new Uint8Array() : message);
  }

  drained(): void {
    this.#session?.drained();
  }

  ponged(payload: Uint8Array): void {
    this.#session?.ponged(payload);
  }

  closed(): void {
    this.#socket = undefined;
    this.#session?.closed();
    this.#session = undefined;
  }

  send(frame: Uint8Array): SendResult {
    const sent = this.#socket?.sendBinary(frame) ?? 0;
    if (sent === 0) {
      return 'lost';
    }
    return sent === -1 ? 'full' : 'sent';
  }

  ping(payload: Uint8Array): boolean {
    return (this.#socket?.ping(payload) ?? 0) !== 0;
  }

  close(why: string): void {
    this.#socket?.close(
      goingAway,
      Buffer.from(why)
        .subarray(0, longestReason)
        .toString()
        .replace(/\uFFFD+$/, ''),
    );
  }
}

export interface AgentSockets {
  /** For `Bun.serve({ websocket })`. */
  readonly websocket: WebSocketHandler<AgentSocket>;
  /** Undefined once the connection is an agent's socket; else the answer to send. */
  upgrade(request: Request, server: Server<AgentSocket>): Response | undefined;
}

/** Puts a gateway's sessions on the WebSockets of `Bun.serve`. */
export function createAgentSockets(gateway: AgentGateway): AgentSockets {
  return {
    websocket: {
      perMessageDeflate: false,
      maxPayloadLength: limits.frameBytes,
      idleTimeout: heartbeat.patience / second,
      sendPings: false,
      backpressureLimit,
      closeOnBackpressureLimit: true,
      open: (socket) => socket.data.opened(socket, gateway),
      message: (socket, message) => socket.data.received(message),
      drain: (socket) => socket.data.drained(),
      pong: (socket, payload) => socket.data.ponged(payload),
      close: (socket) => socket.data.closed(),
    },
    upgrade(request, server) {
      if (server.upgrade(request, { data: new AgentSocket(server.requestIP(request)?.address ?? '') })) {
        return undefined;
      }
      return Response.json({ error: 'This path speaks WebSocket only.' }, { status: 426 });
    },
  };
}
