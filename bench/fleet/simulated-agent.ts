import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { type EndpointId, endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { vaultObjectIdSchema } from '#core/file/quarantine-record.ts';
import { decode, encode } from '#wire/codec.ts';
import { enrolmentPath, enrolmentReplySchema, enrolmentStatement } from '#wire/enrolment.ts';
import type { hostFactsSchema } from '#wire/host-facts.ts';
import { type AgentMessage, serverMessageSchema } from '#wire/messages.ts';
import { type Order, orderSchema } from '#wire/order.ts';
import type { Report, ReportedFile } from '#wire/report.ts';
import { isSignatureValid, newKeyPair, readPrivateKey, readPublicKey, signBytes } from '#wire/signature.ts';

type HostFacts = z.infer<typeof hostFactsSchema>;

export interface ServerAddress {
  readonly url: string;
  readonly caPem: string;
}

export interface FleetCounts {
  welcomed: number;
  recorded: number;
}

/** An agent in all but the disk: real TLS, real keys, real frames; what it reports is made up. */
export class SimulatedAgent {
  readonly #server: ServerAddress;
  readonly #facts: HostFacts;
  readonly #publicKey: Uint8Array;
  readonly #key: KeyObject;
  readonly #counts: FleetCounts;
  readonly #changed: () => void;
  #orderKey: KeyObject | undefined;
  #id: EndpointId | undefined;
  #socket: WebSocket | undefined;

  constructor(server: ServerAddress, index: number, fleet: { counts: FleetCounts; changed: () => void }) {
    const pair = newKeyPair();
    this.#server = server;
    this.#publicKey = pair.publicKey;
    this.#key = readPrivateKey(pair.privatePem).key;
    this.#facts = factsOf(index);
    this.#counts = fleet.counts;
    this.#changed = fleet.changed;
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
    socket.addEventListener('message', ({ data }) => this.#heard(new Uint8Array(data)));
    this.#socket = socket;
  }

  close(): void {
    this.#socket?.close();
  }

  #heard(frame: Uint8Array): void {
    const message = decode(frame, serverMessageSchema);
    switch (message.type) {
      case 'challenge':
        return this.#hello(message.nonce);
      case 'welcome':
        this.#counts.welcomed += 1;
        return this.#changed();
      case 'order':
        return this.#execute(message);
      case 'recorded':
        this.#counts.recorded += 1;
        return this.#changed();
      case 'refused':
      case 'report_refused':
        throw new Error(`The server refused: ${message.why}`);
      case 'heartbeat':
      case 'cancel':
      case 'inventory_recorded':
        return;
    }
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
    const key = this.#orderKey;
    if (
      key === undefined ||
      !isSignatureValid('custody-order-v1', { bytes: signed.order, signature: signed.signature }, key)
    ) {
      throw new Error('An order came with a wrong signature.');
    }
    const order = decode(signed.order, orderSchema);
    this.#send({ type: 'accepted', taskIds: [order.taskId] });
    const report = encode(cannedReport(order));
    this.#send({ type: 'report', report, signature: signBytes('custody-report-v1', report, this.#key) });
  }

  #send(message: AgentMessage): void {
    this.#socket?.send(encode(message));
  }
}

function cannedReport(order: Order): Report {
  const { endpointId, actionId, taskId } = order;
  const now = order.issuedAt;
  return { v: 1, endpointId, actionId, taskId, startedAt: now, finishedAt: now, files: cannedFiles(order) };
}

function cannedFiles({ parameters }: Order): ReportedFile[] {
  const common = { reason: null, message: '', size: 4_096, losses: [] };
  switch (parameters.verb) {
    case 'fetch':
      return parameters.files.map(({ path }, ordinal) => ({
        ...common,
        ordinal,
        outcome: 'not_found',
        path,
        sha256: null,
        vaultObject: null,
      }));
    case 'quarantine': {
      const vaultObject = vaultObjectIdSchema.parse(randomUUID());
      const { path, sha256 } = parameters;
      return [{ ...common, ordinal: 0, outcome: 'done', path, sha256, vaultObject }];
    }
    case 'restore':
      return [
        { ...common, ordinal: 0, outcome: 'not_found', path: null, sha256: parameters.sha256, vaultObject: null },
      ];
  }
}

function factsOf(index: number): HostFacts {
  return {
    hostName: `simulated-${index}`,
    platform: 'linux',
    operatingSystem: 'Debian GNU/Linux',
    operatingSystemVersion: '12',
    architecture: 'x64',
    addresses: [`10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`],
    macAddresses: [],
    users: ['root'],
    domain: '',
    agentVersion: '0.1.0',
    roots: ['/srv'],
    limitations: [],
  };
}
