import type { FleetCounts, ServerAddress } from './simulated-agent.ts';

/** The other end of the bare transport: answers each frame with one of a report's size. */
export class BareAgent {
  readonly #reply = new Uint8Array(420);
  #socket: WebSocket | undefined;

  connect(server: ServerAddress, fleet: { counts: FleetCounts; changed: () => void }): void {
    const socket = new WebSocket(`${server.url.replace('https:', 'wss:')}/`, { tls: { ca: server.caPem } });
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      fleet.counts.welcomed += 1;
      fleet.changed();
    });
    socket.addEventListener('message', () => {
      socket.send(this.#reply);
      fleet.counts.recorded += 1;
      fleet.changed();
    });
    this.#socket = socket;
  }

  close(): void {
    this.#socket?.close();
  }
}
