import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServerWebSocket } from 'bun';
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
import { type AgentMessage, agentMessageSchema, type ServerMessage } from '#wire/messages.ts';
import type { Order } from '#wire/order.ts';
import { type Report, reportSchema } from '#wire/report.ts';
import { isSignatureValid, newKeyPair, readPrivateKey, readPublicKey, signBytes } from '#wire/signature.ts';
import { uploadHeaders, uploadStatement, uploadTargetSchema } from '#wire/upload.ts';

/** Just enough of a server to drive a real agent over real TLS: it speaks the wire and keeps everything in maps. */
export interface TinyServer extends AsyncDisposable {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
  readonly recoveryIdentity: string;
  readonly reports: Map<TaskId, Report>;
  /** How often each task's report arrived. */
  readonly deliveries: Map<TaskId, number>;
  readonly accepted: TaskId[];
  readonly refusals: { taskId: TaskId; why: string }[];
  readonly evidence: Map<string, Buffer>;
  /** Display path -> SHA-256, as the inventory messages have it. */
  readonly files: Map<string, string>;
  readonly hellos: Extract<AgentMessage, { type: 'hello' }>[];
  readonly uploads: { method: string; offset: number }[];
  endpointId: EndpointId | undefined;
  /** Whether reports are confirmed. */
  confirms: boolean;
  /** What HEAD and PATCH answer while evidence cannot be taken. */
  evidenceStatus: number | undefined;
  makeOrder(parameters: TaskParameters, overrides?: Partial<Order>): { order: Order; bytes: Uint8Array; signature: Uint8Array };
  send(message: ServerMessage): void;
  /** Signs, sends, and waits for the report. */
  run(parameters: TaskParameters, overrides?: Partial<Order>): Promise<Report>;
  disconnect(): void;
  whole(): number;
}

interface Socket {
  nonce: Uint8Array;
}

export async function tinyServer(): Promise<TinyServer> {
  const root = mkdtempSync(path.join(tmpdir(), 'custody-tiny-'));
  const directory = dataDirectory(root);
  const ports = { fs: durableFiles, clock: systemClock, random: systemRandom, directory };
  const certificate = await ownCertificate(ports, ['127.0.0.1', 'localhost']);
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const recoveryIdentity = await generateX25519Identity();
  const recoveryRecipient = await identityToRecipient(recoveryIdentity);
  const orderKeys = newKeyPair();
  const orderKey = readPrivateKey(orderKeys.privatePem).key;
  const devices = new Map<EndpointId, Uint8Array>();
  const sockets = new Set<ServerWebSocket<Socket>>();
  const partial = new Map<string, Buffer>();
  let wholes = 0;
  let wholeSeen: Set<string> | undefined;

  const server = Bun.serve<Socket, never>({
    hostname: '127.0.0.1',
    port: 0,
    tls: { cert: certificate.certificatePem, key: certificate.keyPem },
    async fetch(request, listener) {
      const url = new URL(request.url);
      if (url.pathname === '/agent/v1') {
        const nonce = new Uint8Array(randomBytes(32));
        return listener.upgrade(request, { data: { nonce } }) ? undefined : new Response(null, { status: 400 });
      }
      return url.pathname === enrolmentPath ? enrol(await request.json()) : uploadPart(request, url);
    },
    websocket: {
      open(socket) {
        const challenge: ServerMessage = { type: 'challenge', nonce: socket.data.nonce, versions: [1], time: Date.now() };
        socket.send(encode(challenge));
      },
      message(socket, data) {
        hear(socket, decode(new Uint8Array(Buffer.from(data)), agentMessageSchema));
      },
      close: (socket) => void sockets.delete(socket),
    },
  });

  function enrol(body: unknown): Response {
    const request = enrolmentRequestSchema.parse(body);
    const publicKey = new Uint8Array(Buffer.from(request.publicKey, 'base64'));
    const signed = { bytes: enrolmentStatement(request), signature: Buffer.from(request.signature, 'base64') };
    if (request.token !== tiny.token || !isSignatureValid('custody-enrol-v1', signed, readPublicKey(publicKey))) {
      return Response.json({ error: { message: 'The token is not known.' } }, { status: 401 });
    }
    const endpointId = endpointIdSchema.parse(createHash('sha256').update(publicKey).digest('hex').slice(0, 32));
    devices.set(endpointId, publicKey);
    tiny.endpointId = endpointId;
    return Response.json({
      endpointId,
      endpointNumber: endpointNumberSchema.parse(123_456_789),
      orderKey: Buffer.from(orderKeys.publicKey).toString('base64'),
      recoveryRecipient,
    });
  }

  async function uploadPart(request: Request, url: URL): Promise<Response> {
    const [taskId, ordinal] = url.pathname.split('/').slice(-2);
    const header = (name: string) => request.headers.get(name) ?? '';
    const { endpoint, sha256, size, offset, signature } = uploadHeaders;
    const fields = { endpointId: header(endpoint), taskId, ordinal, sha256: header(sha256), size: header(size) };
    const target = uploadTargetSchema.parse(fields);
    const method = request.method === 'HEAD' ? 'HEAD' : 'PATCH';
    const at = Number(header(offset));
    tiny.uploads.push({ method, offset: at });
    const signed = { bytes: uploadStatement(method, target, at), signature: Buffer.from(header(signature), 'base64') };
    const device = devices.get(target.endpointId);
    if (device === undefined || !isSignatureValid('custody-upload-v1', signed, readPublicKey(device))) {
      return new Response(null, { status: 401 });
    }
    if (tiny.evidenceStatus !== undefined) {
      return new Response(null, { status: tiny.evidenceStatus });
    }
    if (tiny.evidence.has(target.sha256)) {
      return new Response(null, { status: 204, headers: { [offset]: String(target.size) } });
    }
    const key = `${target.taskId}/${target.ordinal}/${target.sha256}`;
    let held = partial.get(key) ?? Buffer.alloc(0);
    if (method === 'HEAD') {
      return new Response(null, { status: 200, headers: { [offset]: String(held.length) } });
    }
    if (at !== held.length) {
      return new Response(null, { status: 409 });
    }
    for await (const chunk of request.body ?? []) {
      held = Buffer.concat([held, chunk]);
      partial.set(key, held);
    }
    if (held.length === target.size) {
      const same = createHash('sha256').update(held).digest('hex') === target.sha256;
      if (!same) {
        return new Response(null, { status: 409 });
      }
      tiny.evidence.set(target.sha256, held);
    }
    return new Response(null, { status: 204, headers: { [offset]: String(held.length) } });
  }

  function hear(socket: ServerWebSocket<Socket>, message: AgentMessage): void {
    const say = (answer: ServerMessage) => void socket.send(encode(answer));
    switch (message.type) {
      case 'hello': {
        const device = devices.get(message.endpointId);
        const signed = { bytes: socket.data.nonce, signature: message.signature };
        if (device === undefined || !isSignatureValid('custody-hello-v1', signed, readPublicKey(device))) {
          say({ type: 'refused', why: 'not enrolled here', retryAfter: 0, final: true });
          socket.close();
          return;
        }
        tiny.hellos.push(message);
        sockets.add(socket);
        say({ type: 'welcome', version: 1, time: Date.now(), heartbeatInterval: 30_000 });
        return;
      }
      case 'heartbeat':
        say({ type: 'heartbeat', time: Date.now() });
        return;
      case 'accepted':
        tiny.accepted.push(...message.taskIds);
        return;
      case 'order_refused':
        tiny.refusals.push(message);
        return;
      case 'report': {
        const report = decode(message.report, reportSchema);
        const device = devices.get(report.endpointId);
        const signed = { bytes: message.report, signature: message.signature };
        if (device === undefined || !isSignatureValid('custody-report-v1', signed, readPublicKey(device))) {
          throw new Error('a report with a wrong signature');
        }
        tiny.deliveries.set(report.taskId, (tiny.deliveries.get(report.taskId) ?? 0) + 1);
        tiny.reports.set(report.taskId, report);
        if (tiny.confirms) {
          say({ type: 'recorded', taskId: report.taskId });
        }
        return;
      }
      case 'inventory':
        inventory(message);
        say({ type: 'inventory_recorded', batch: message.batch });
    }
  }

  function inventory({ part, files, gone }: Extract<AgentMessage, { type: 'inventory' }>): void {
    if (part === 'whole_begin') {
      wholeSeen = new Set();
    }
    for (const file of files) {
      tiny.files.set(displayPath(file.path), file.sha256);
      wholeSeen?.add(displayPath(file.path));
    }
    for (const file of gone) {
      tiny.files.delete(displayPath(file));
    }
    if (part === 'whole_end') {
      for (const file of [...tiny.files.keys()].filter((each) => wholeSeen?.has(each) !== true)) {
        tiny.files.delete(file);
      }
      wholeSeen = undefined;
      wholes += 1;
    }
  }

  const tiny: TinyServer = {
    url: `https://127.0.0.1:${server.port}`,
    caFile: directory.authority,
    token: 'a token',
    recoveryIdentity,
    reports: new Map(),
    deliveries: new Map(),
    accepted: [],
    refusals: [],
    evidence: new Map(),
    files: new Map(),
    hellos: [],
    uploads: [],
    endpointId: undefined,
    confirms: true,
    evidenceStatus: undefined,
    makeOrder(parameters, overrides = {}) {
      const now = Date.now();
      const order: Order = {
        v: 1,
        endpointId: tiny.endpointId ?? endpointIdSchema.parse('0'.repeat(32)),
        actionId: newActionId(now, systemRandom),
        taskId: newTaskId(systemRandom),
        parameters,
        issuedAt: now,
        notBefore: now,
        deadline: now + 60_000,
        ...overrides,
      };
      const bytes = encode(order);
      return { order, bytes, signature: signBytes('custody-order-v1', bytes, orderKey) };
    },
    send(message) {
      for (const socket of sockets) {
        socket.send(encode(message));
      }
    },
    async run(parameters, overrides) {
      const { order, bytes, signature } = tiny.makeOrder(parameters, overrides);
      await until(() => sockets.size > 0, 'an agent connects');
      tiny.send({ type: 'order', order: bytes, signature });
      return until(() => tiny.reports.get(order.taskId), `the report of ${parameters.verb}`);
    },
    disconnect() {
      for (const socket of sockets) {
        socket.close();
      }
    },
    whole: () => wholes,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      rmSync(root, { recursive: true, force: true });
    },
  };
  return tiny;
}

/** Waits for a truthy value, with a limit. */
export async function until<Value>(look: () => Value | undefined | false, what: string, limit = 15_000): Promise<Value> {
  const started = performance.now();
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) {
      return value;
    }
    if (performance.now() - started > limit) {
      throw new Error(`Waited in vain: ${what}.`);
    }
    await Bun.sleep(10);
  }
}
