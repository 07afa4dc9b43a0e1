import type { KeyObject } from 'node:crypto';
import { Decoder } from '@msgpack/msgpack';
import { type EndpointId, endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { decode, encode } from '#wire/codec.ts';
import { enrolmentPath, enrolmentReplySchema, enrolmentStatement } from '#wire/enrolment.ts';
import { type AgentMessage, type ServerMessage, serverMessageSchema } from '#wire/messages.ts';
import { type Order, orderSchema } from '#wire/order.ts';
import { isSignatureValid, newKeyPair, readPrivateKey, readPublicKey, signBytes } from '#wire/signature.ts';
import { cannedReport } from './canned-report.ts';
import type { FleetAgent, FleetBook, ServerAddress } from './fleet-agent.ts';
import { type HostFacts, simulatedFacts } from './simulated-facts.ts';
import { simulatedFiles } from './simulated-files.ts';

/** Every so many agents check all that they are sent. A fleet's own machines do that; here it is one core's work. */
const checkingShare = 50;
const trusting = new Decoder();

export interface SimulatedAgentOptions {
  readonly server: ServerAddress;
  readonly fleet: FleetBook;
  readonly index: number;
  /** Left out: it says nothing but what it is asked. */
  readonly stay?: { readonly files: number } | undefined;
}

/** An agent in all but the disk: real TLS, real keys, real frames, signed reports; what it reports is made up. */
export class SimulatedAgent implements FleetAgent {
  readonly #server: ServerAddress;
  readonly #fleet: FleetBook;
  readonly #facts: HostFacts;
  readonly #publicKey: Uint8Array;
  readonly #key: KeyObject;
  readonly #checks: boolean;
  #orderKey: KeyObject | undefined;
  #id: EndpointId | undefined;
  #socket: WebSocket | undefined;
  readonly #index: number;
  readonly #stay: SimulatedAgentOptions['stay'];
  #heart: ReturnType<typeof setInterval> | undefined;

  constructor({ server, fleet, index, stay }: SimulatedAgentOptions) {
    const pair = newKeyPair();
    this.#server = server;
    this.#fleet = fleet;
    this.#publicKey = pair.publicKey;
    this.#key = readPrivateKey(pair.privatePem).key;
    this.#facts = simulatedFacts(index);
    this.#checks = index % checkingShare === 0;
    this.#index = index;
    this.#stay = stay;
  }

  async enrol(token: string): Promise<void> {
    const publicKey = Buffer.from(this.#publicKey).toString('base64');
    const asked = { token, publicKey, vaultRecipient: 'age1simulated' };
    const signature = signBytes('custody-enrol-v1', enrolmentStatement(asked), this.#key);
    const response = await fetch(`${this.#server.url}${enrolmentPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...asked, facts: this.#facts, signature: Buffer.from(signature).toString('base64') }),
      tls: { ca: this.#server.caPem },
    });
    if (!response.ok) {
      throw new Error(`The enrolment was refused: ${response.status} ${await response.text()}`);
    }
    const reply = enrolmentReplySchema.parse(await response.json());
    this.#id = endpointIdSchema.parse(reply.endpointId);
    this.#orderKey = readPublicKey(new Uint8Array(Buffer.from(reply.orderKey, 'base64')));
  }

  connect(): void {
    const url = `${this.#server.url.replace('https:', 'wss:')}/agent/v1`;
    const socket = new WebSocket(url, { tls: { ca: this.#server.caPem } });
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => this.#heard(this.#read(new Uint8Array(data))));
    this.#socket = socket;
  }

  close(): void {
    clearInterval(this.#heart);
    this.#socket?.close();
  }

  #read(frame: Uint8Array): ServerMessage {
    return this.#checks ? decode(frame, serverMessageSchema) : (trusting.decode(frame) as ServerMessage);
  }

  #heard(message: ServerMessage): void {
    switch (message.type) {
      case 'challenge':
        return this.#hello(message.nonce);
      case 'welcome':
        this.#fleet.counts.welcomed += 1;
        return this.#stayConnected(message.heartbeatInterval);
      case 'order':
        return this.#execute(message);
      case 'recorded':
        return this.#fleet.recorded();
      case 'refused':
      case 'report_refused':
        throw new Error(`The server refused: ${message.why}`);
      case 'heartbeat':
      case 'cancel':
      case 'inventory_recorded':
        return;
    }
  }

  /** What an agent says without being asked. */
  #stayConnected(heartbeatInterval: number): void {
    if (this.#stay === undefined) {
      return;
    }
    this.#heart = setInterval(() => this.#send({ type: 'heartbeat' }), heartbeatInterval);
    const files = simulatedFiles(this.#index, this.#stay.files);
    this.#send({ type: 'inventory', batch: 1, part: 'whole_begin', files, gone: [] });
    this.#send({ type: 'inventory', batch: 2, part: 'whole_end', files: [], gone: [] });
  }

  #hello(nonce: Uint8Array): void {
    if (this.#id === undefined) {
      throw new Error('An agent connects only after it was enrolled.');
    }
    const signature = signBytes('custody-hello-v1', nonce, this.#key);
    const vaultRecipient = 'age1simulated';
    this.#send({ type: 'hello', version: 1, endpointId: this.#id, signature, vaultRecipient, facts: this.#facts });
  }

  #execute(signed: { readonly order: Uint8Array; readonly signature: Uint8Array }): void {
    const order = this.#open(signed);
    this.#send({ type: 'accepted', taskIds: [order.taskId] });
    const report = encode(cannedReport(order));
    this.#send({ type: 'report', report, signature: signBytes('custody-report-v1', report, this.#key) });
  }

  #open({ order: bytes, signature }: { readonly order: Uint8Array; readonly signature: Uint8Array }): Order {
    if (!this.#checks) {
      return trusting.decode(bytes) as Order;
    }
    const key = this.#orderKey;
    if (key === undefined || !isSignatureValid('custody-order-v1', { bytes, signature }, key)) {
      throw new Error('An order came with a wrong signature.');
    }
    return decode(bytes, orderSchema);
  }

  #send(message: AgentMessage): void {
    this.#socket?.send(encode(message));
  }
}
