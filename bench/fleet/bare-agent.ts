import type { FleetAgent, FleetBook, ServerAddress } from './fleet-agent.ts';

/** The other end of the bare transport: answers each frame with one of a report's size. */
export class BareAgent implements FleetAgent {
  readonly #server: ServerAddress;
  readonly #fleet: FleetBook;
  readonly #reply = new Uint8Array(420);
  #socket: WebSocket | undefined;

  constructor(server: ServerAddress, fleet: FleetBook) {
    this.#server = server;
    this.#fleet = fleet;
  }

  /** The bare transport knows nobody. */
  async enrol(): Promise<void> {
    return undefined;
  }

  connect(): void {
    const url = `${this.#server.url.replace('https:', 'wss:')}/`;
    const socket = new WebSocket(url, { tls: { ca: this.#server.caPem } });
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      this.#fleet.counts.welcomed += 1;
    });
    socket.addEventListener('message', () => {
      socket.send(this.#reply);
      this.#fleet.recorded();
    });
    this.#socket = socket;
  }

  close(): void {
    this.#socket?.close();
  }
}
