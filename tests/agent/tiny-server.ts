import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { Server, ServerWebSocket } from 'bun';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { newActionId, newTaskId, type TaskId } from '#core/action/action-id.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import { type EndpointId, endpointIdSchema, endpointNumberSchema } from '#core/endpoint/endpoint-id.ts';
import { displayPath } from '#core/file/file-path.ts';
import { ownCertificate } from '#server/authority.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { decode, encode } from '#wire/codec.ts';
import { enrolmentPath, enrolmentRequestSchema, enrolmentStatement } from '#wire/enrolment.ts';
import { type AgentMessage, agentMessageSchema, type ServerMessage, type ToldTime } from '#wire/messages.ts';
import type { Order } from '#wire/order.ts';
import { type Report, reportSchema } from '#wire/report.ts';
import {
  isSignatureValid,
  newKeyPair,
  readPrivateKey,
  readPublicKey,
  type SignatureContext,
  signBytes,
} from '#wire/signature.ts';
import { TinyEvidence } from './tiny-evidence.ts';
import { until } from './until.ts';

interface Connection {
  readonly nonce: Uint8Array;
}

type Socket = ServerWebSocket<Connection>;
type Said<Type extends AgentMessage['type']> = Extract<AgentMessage, { type: Type }>;

export interface SignedOrder {
  readonly order: Order;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface ServerSettings {
  /** The names in its certificate. */
  readonly names?: readonly string[];
  /** When its certificate was made. */
  readonly made?: number;
  /** A server that this one takes the place of: it has its order key and its endpoints. */
  readonly heirOf?: TinyServer;
  /** Whether its certificate is by the authority of that one. Default: by a new one. */
  readonly sameAuthority?: boolean;
  /** Default: any that is free. */
  readonly port?: number;
  /** Milliseconds between the heartbeats that it asks for. */
  readonly heartbeatInterval?: number;
}

interface Parts {
  readonly root: string;
  readonly caFile: string;
  readonly cert: string;
  readonly key: string;
  readonly recoveryRecipient: string;
  readonly heirOf: TinyServer | undefined;
  readonly port: number;
  readonly heartbeatInterval: number;
}

/** Just enough of a server to drive a real agent over real TLS: it speaks the wire and keeps everything in maps. */
export class TinyServer implements AsyncDisposable {
  readonly token = 'a token';
  readonly reports = new Map<TaskId, Report>();
  /** How often each task's report arrived. */
  readonly deliveries = new Map<TaskId, number>();
  readonly accepted: TaskId[] = [];
  readonly refusals: Said<'order_refused'>[] = [];
  /** Display path -> SHA-256, as the inventory messages have it. */
  readonly files = new Map<string, string>();
  readonly hellos: Said<'hello'>[] = [];
  readonly evidence: TinyEvidence;
  /** How many whole inventories have come to their end. */
  wholes = 0;
  /** Heartbeats that agents have sent. */
  heartbeats = 0;
  /** How far its clock is ahead of the machine's; milliseconds. */
  ahead = 0;
  /** It says that it may be wrong by all of that. */
  isDoubtful = false;
  /** Milliseconds between the heartbeats that it asks for with its next welcome. */
  heartbeatInterval: number;
  /** Whether reports are confirmed. */
  confirms = true;
  /** Whether enrolments are taken, and their answers do not reach the agent. */
  losesAnswers = false;
  readonly url: string;
  readonly caFile: string;
  private readonly root: string;
  private readonly listener: Server<Connection>;
  private readonly devices: Map<EndpointId, Uint8Array>;
  private readonly sockets = new Set<Socket>();
  private readonly open = new Map<TaskId, SignedOrder>();
  private readonly orderKeys: ReturnType<typeof newKeyPair>;
  private readonly orderKey: KeyObject;
  private readonly recoveryRecipient: string;
  private whole: Set<string> | undefined;

  private constructor(parts: Parts) {
    this.devices = parts.heirOf?.devices ?? new Map();
    this.orderKeys = parts.heirOf?.orderKeys ?? newKeyPair();
    this.root = parts.root;
    this.caFile = parts.caFile;
    this.recoveryRecipient = parts.recoveryRecipient;
    this.heartbeatInterval = parts.heartbeatInterval;
    this.orderKey = readPrivateKey(this.orderKeys.privatePem).key;
    this.evidence = new TinyEvidence(this.devices);
    this.listener = Bun.serve<Connection, never>({
      hostname: '127.0.0.1',
      port: parts.port,
      tls: { cert: parts.cert, key: parts.key },
      // Whoever falls silent on purpose is not to be cut off by the runtime.
      idleTimeout: 0,
      fetch: (request, listener) => this.answer(request, listener),
      websocket: {
        open: (socket) => say(socket, { type: 'challenge', nonce: socket.data.nonce, versions: [1], time: this.now() }),
        message: (socket, data) => this.hear(socket, decode(new Uint8Array(Buffer.from(data)), agentMessageSchema)),
        close: (socket) => void this.sockets.delete(socket),
      },
    });
    this.url = `https://127.0.0.1:${this.listener.port}`;
  }

  static async start(settings: ServerSettings = {}): Promise<TinyServer> {
    const root = mkdtempSync(path.join(tmpdir(), 'custody-tiny-'));
    const directory = dataDirectory(root);
    const { heirOf, port = 0, heartbeatInterval = 30_000 } = settings;
    if (heirOf !== undefined && settings.sameAuthority === true) {
      const before = dataDirectory(heirOf.root);
      mkdirSync(directory.tls);
      copyFileSync(before.authority, directory.authority);
      copyFileSync(before.authorityKey, directory.authorityKey);
    }
    const clock = { ...systemClock, now: () => settings.made ?? Date.now() };
    const ports = { fs: durableFiles, clock, random: systemRandom, directory };
    const { certificatePem: cert, keyPem: key } = await ownCertificate(ports, settings.names ?? ['127.0.0.1']);
    const recoveryRecipient = await identityToRecipient(await generateX25519Identity());
    const own = { root, caFile: directory.authority, cert, key, recoveryRecipient };
    return new TinyServer({ ...own, heirOf, port, heartbeatInterval });
  }

  /** The private order key that its agents enrolled with. */
  get orderPem(): string {
    return this.orderKeys.privatePem;
  }

  get endpointId(): EndpointId {
    return [...this.devices.keys()][0] ?? endpointIdSchema.parse('0'.repeat(32));
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Agents that are connected now. */
  get connected(): number {
    return this.sockets.size;
  }

  now(): number {
    return Date.now() + this.ahead;
  }

  private toldTime(): ToldTime {
    return { time: this.now(), ...(this.isDoubtful && { surely: Date.now() }) };
  }

  sign(bytes: Uint8Array, context: SignatureContext = 'custody-order-v1'): Uint8Array {
    return signBytes(context, bytes, this.orderKey);
  }

  /** Takes no more connections and ends those that are open; its files stay. */
  async stop(): Promise<void> {
    await this.listener.stop(true);
  }

  makeOrder(parameters: TaskParameters, overrides: Partial<Order> = {}): SignedOrder {
    const now = this.now();
    const order: Order = {
      v: 1,
      endpointId: this.endpointId,
      actionId: newActionId(now, systemRandom),
      taskId: newTaskId(systemRandom),
      parameters,
      issuedAt: now,
      notBefore: now,
      deadline: now + 60_000,
      ...overrides,
    };
    const bytes = encode(order);
    return { order, bytes, signature: this.sign(bytes) };
  }

  send(message: ServerMessage): void {
    for (const socket of this.sockets) {
      say(socket, message);
    }
  }

  /** Sends an order now and with every new connection, until its report comes. */
  give(signed: SignedOrder): Promise<Report> {
    this.open.set(signed.order.taskId, signed);
    this.send({ type: 'order', order: signed.bytes, signature: signed.signature });
    return this.reportOf(signed);
  }

  run(parameters: TaskParameters, overrides?: Partial<Order>): Promise<Report> {
    return this.give(this.makeOrder(parameters, overrides));
  }

  reportOf({ order }: SignedOrder): Promise<Report> {
    return until(() => this.reports.get(order.taskId), `the report of a ${order.parameters.verb}`);
  }

  disconnect(): void {
    for (const socket of this.sockets) {
      socket.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.stop(true);
    rmSync(this.root, { recursive: true, force: true });
  }

  private async answer(request: Request, listener: Server<Connection>): Promise<Response | undefined> {
    const url = new URL(request.url);
    if (url.pathname === '/agent/v1') {
      const data = { nonce: new Uint8Array(randomBytes(32)) };
      return listener.upgrade(request, { data }) ? undefined : new Response(null, { status: 400 });
    }
    if (this.evidence.isSilent) {
      // Whoever falls silent on purpose is not to be cut off by the runtime.
      listener.timeout(request, 0);
    }
    return url.pathname === enrolmentPath ? this.enrol(await request.json()) : this.evidence.handle(request, url);
  }

  private enrol(body: unknown): Response {
    const request = enrolmentRequestSchema.parse(body);
    const publicKey = new Uint8Array(Buffer.from(request.publicKey, 'base64'));
    const signed = { bytes: enrolmentStatement(request), signature: Buffer.from(request.signature, 'base64') };
    const proven = isSignatureValid('custody-enrol-v1', signed, readPublicKey(publicKey));
    if (request.token !== this.token || !proven) {
      return Response.json({ error: { message: 'The token is not known.' } }, { status: 401 });
    }
    const endpointId = endpointIdSchema.parse(createHash('sha256').update(publicKey).digest('hex').slice(0, 32));
    this.devices.set(endpointId, publicKey);
    if (this.losesAnswers) {
      return new Response(null, { status: 502 });
    }
    return Response.json({
      endpointId,
      endpointNumber: endpointNumberSchema.parse(123_456_789),
      orderKey: Buffer.from(this.orderKeys.publicKey).toString('base64'),
      recoveryRecipient: this.recoveryRecipient,
    });
  }

  private hear(socket: Socket, message: AgentMessage): void {
    switch (message.type) {
      case 'hello':
        this.greet(socket, message);
        return;
      case 'heartbeat':
        this.heartbeats += 1;
        say(socket, { type: 'heartbeat', ...this.toldTime() });
        return;
      case 'accepted':
        this.accepted.push(...message.taskIds);
        return;
      case 'order_refused':
        this.refusals.push(message);
        return;
      case 'report':
        this.report(socket, message);
        return;
      case 'inventory':
        this.inventory(message);
        say(socket, { type: 'inventory_recorded', batch: message.batch });
    }
  }

  private greet(socket: Socket, hello: Said<'hello'>): void {
    const device = this.devices.get(hello.endpointId);
    const signed = { bytes: socket.data.nonce, signature: hello.signature };
    if (device === undefined || !isSignatureValid('custody-hello-v1', signed, readPublicKey(device))) {
      say(socket, { type: 'refused', why: 'not enrolled here', retryAfter: 0, final: true });
      return;
    }
    this.hellos.push(hello);
    this.sockets.add(socket);
    say(socket, {
      ...{ type: 'welcome', version: 1, ...this.toldTime(), heartbeatInterval: this.heartbeatInterval },
    });
    for (const { bytes, signature } of this.open.values()) {
      say(socket, { type: 'order', order: bytes, signature });
    }
  }

  private report(socket: Socket, message: Said<'report'>): void {
    const report = decode(message.report, reportSchema);
    const device = this.devices.get(report.endpointId);
    const signed = { bytes: message.report, signature: message.signature };
    if (device === undefined || !isSignatureValid('custody-report-v1', signed, readPublicKey(device))) {
      throw new Error('A report with a wrong signature.');
    }
    this.deliveries.set(report.taskId, (this.deliveries.get(report.taskId) ?? 0) + 1);
    this.reports.set(report.taskId, report);
    if (this.confirms) {
      this.open.delete(report.taskId);
      say(socket, { type: 'recorded', taskId: report.taskId });
    }
  }

  private inventory({ part, files, gone }: Said<'inventory'>): void {
    this.whole = part === 'whole_begin' ? new Set() : this.whole;
    for (const file of files) {
      this.files.set(displayPath(file.path), file.sha256);
      this.whole?.add(displayPath(file.path));
    }
    const unseen = part === 'whole_end' ? [...this.files.keys()].filter((file) => this.whole?.has(file) !== true) : [];
    for (const file of [...gone.map(displayPath), ...unseen]) {
      this.files.delete(file);
    }
    if (part === 'whole_end') {
      this.whole = undefined;
      this.wholes += 1;
    }
  }
}

function say(socket: Socket, message: ServerMessage): void {
  socket.send(encode(message));
}
