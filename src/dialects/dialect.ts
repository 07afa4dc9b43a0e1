import { Hono } from 'hono';
import type { LicenceDemand } from '#core/access/licence.ts';
import { satisfies } from '#core/access/licence.ts';
import { demandOwnSite } from '#core/access/own-site.ts';
import type { Permission } from '#core/access/permission.ts';
import { demandPermission, type Principal } from '#core/access/principal.ts';
import { demandWholeFleet } from '#core/access/scope.ts';
import type { DialectName } from '#core/action/action.ts';
import { asFault, Fault, type FaultCode } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Ports, WholePorts } from '#core/ports/ports.ts';
import type { RequestTrace } from '#core/ports/request-trace.ts';
import { type Refusal, refusalRecorder } from '#core/verbs/record-refusal.ts';

/** How a request reached the server. */
export interface Connection {
  readonly remoteAddress: string;
  /** True on the server's own Unix socket: the operating system has already said that the caller may administer. */
  readonly local: boolean;
  /** Where the log is told of the request; absent where nothing is logged. */
  readonly trace?: RequestTrace;
}

/** One API, spoken to the outside. This is its whole face. */
export interface Dialect {
  readonly name: DialectName;
  /** What it answers, for the generated matrix of routes and roles. */
  readonly operations: readonly Pick<Operation, 'method' | 'paths' | 'access'>[];
  /** Whether a path is this dialect's to answer, known or not. */
  owns(path: string): boolean;
  /** Answers in the dialect's own shape, faults included; never rejects. */
  handle(request: Request, connection: Connection): Promise<Response>;
}

export type DialectFactory = (ports: WholePorts) => Dialect;

export interface Call {
  readonly request: Request;
  readonly connection: Connection;
  /** Of a guarded call: narrowed to what its principal may see. */
  readonly ports: Ports;
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface GuardedCall extends Call {
  readonly principal: Principal;
}

interface OperationFace {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Hono patterns; the first is the documented one, the others are aliases. */
  readonly paths: readonly string[];
  /** Of a GET that changes something, as the Cybereason API has: HEAD does not run it. */
  readonly changes?: boolean;
  /** Whether HEAD has the headers that this GET has; default: what the dialect says. */
  readonly answersHead?: boolean | undefined;
}

export interface OpenOperation extends OperationFace {
  /** It establishes an identity or needs none; the text says why. */
  readonly access: { readonly open: string };
  run(call: Call): Promise<Response>;
}

export interface GuardedOperation extends OperationFace {
  /** What a caller needs before it runs. */
  readonly access: {
    readonly permission: Permission;
    readonly licence: LicenceDemand;
    /** `fleet`: what it tells is no endpoint's, and not for whoever is limited to some of them. Default: by the permission. */
    readonly reach?: 'fleet';
  };
  run(call: GuardedCall): Promise<Response>;
}

/** One call of an API: one file in a dialect's `operations` folder. Without `access` it does not compile. */
export type Operation = OpenOperation | GuardedOperation;

export interface DialectParts {
  readonly operations: readonly Operation[];
  /** @throws Fault `unauthenticated` */
  authenticate(call: Call): Promise<Principal>;
  /** Whether HEAD has the headers that GET has, where an operation does not say; else it is refused. */
  readonly answersHead?: boolean;
  /** Answers what no operation is for; left out: 404. */
  answerOther?(call: Call): Promise<Response>;
  /** Turns any fault into the vendor's answer; where that has room for it, with the id under which the log tells of the request. */
  renderFault(fault: Fault, request: Request, requestId?: string): Response;
}

/**
 * The whole body as text, however it is framed. Bytes that are no UTF-8 become U+FFFD.
 * @throws Fault `too_large` as soon as more than `limit` bytes have come.
 */
export async function readBody(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new Fault('too_large', `The body has more than ${limit} bytes.`, { details: { limit } });
  if (Number(request.headers.get('content-length') ?? 0) > limit) {
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) {
      throw tooLarge();
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Routes requests to operations; identity, licence and permission are settled, in this order, before any runs. */
export function serveOperations(parts: DialectParts, ports: WholePorts): Dialect['handle'] {
  const router = new Hono<{ Bindings: Bindings }>({ strict: true });
  const recordRefusal = refusalRecorder(ports);
  for (const operation of parts.operations) {
    router.on(operation.method, [...operation.paths], (context) =>
      runOperation({ ...parts, wholePorts: ports, recordRefusal, headOnly: context.env.headOnly === true }, operation, {
        request: context.req.raw,
        connection: context.env,
        ports,
        parameters: context.req.param(),
      }),
    );
  }
  const refuse = (error: unknown, asked: Asked) => {
    const fault = asFault(error);
    logFault(ports.log, fault);
    return renderSafely(parts, fault, asked);
  };
  router.notFound(async (context) => {
    const asked = { request: context.req.raw, connection: context.env };
    if (parts.answerOther === undefined) {
      return renderSafely(parts, unknownPath(asked.request), asked);
    }
    try {
      return await parts.answerOther({ ...asked, ports, parameters: {} });
    } catch (error) {
      return refuse(error, asked);
    }
  });
  router.onError((error, context) => refuse(error, { request: context.req.raw, connection: context.env }));
  return async (request, connection) => {
    if (request.method !== 'HEAD') {
      return router.fetch(request, connection);
    }
    return parts.operations.some((operation) => answersHead(parts, operation))
      ? answerHead(request, connection, router.fetch)
      : refuseHead();
  };
}

function answersHead(parts: Pick<DialectParts, 'answersHead'>, operation: Operation): boolean {
  return (operation.answersHead ?? parts.answersHead === true) && operation.changes !== true;
}

type Asked = Pick<Call, 'request' | 'connection'>;

interface Bindings extends Connection {
  /** Nobody reads the body of the answer. */
  readonly headOnly?: boolean;
}

/**
 * The router would run a GET for it and drop the body, unread and uncancelled: a download's file would stay open, and a
 * GET that changes something would change it.
 */
function refuseHead(): Response {
  return new Response(null, { status: 405, headers: { allow: 'GET, POST' } });
}

async function answerHead(
  request: Request,
  connection: Connection,
  get: (request: Request, bindings: Bindings) => Response | Promise<Response>,
): Promise<Response> {
  const { url, headers, signal } = request;
  const answer = await get(new Request(url, { headers, signal }), { ...connection, headOnly: true });
  await answer.body?.cancel();
  return new Response(null, { status: answer.status, headers: answer.headers });
}

interface RunningParts extends DialectParts {
  readonly headOnly: boolean;
  readonly wholePorts: WholePorts;
  recordRefusal(refusal: Refusal): Promise<void>;
}

async function runOperation(parts: RunningParts, operation: Operation, call: Call): Promise<Response> {
  const isRun = !parts.headOnly || answersHead(parts, operation);
  const { trace } = call.connection;
  trace?.tookRoute(nameOf(operation));
  if (!('permission' in operation.access)) {
    demandSafeOrigin(operation, call);
    return isRun ? (operation as OpenOperation).run(call) : refuseHead();
  }
  const principal = await parts.authenticate(call);
  trace?.isOf(principal);
  if (!isRun) {
    return refuseHead();
  }
  demandSafeOrigin(operation, call);
  try {
    demandLicence(call.ports.policy, operation.access.licence);
    demandPermission(principal, operation.access.permission);
    if (operation.access.reach === 'fleet') {
      demandWholeFleet(principal.scope, 'What this call tells of concerns');
    }
    const ports = narrowedPorts(parts.wholePorts, principal);
    return await (operation as GuardedOperation).run({ ...call, ports, principal });
  } catch (thrown) {
    if (thrown instanceof Fault && refusals.includes(thrown.code)) {
      await tellRefusal(parts, { operation, call, principal, fault: thrown });
    }
    throw thrown;
  }
}

/** Of what changes something, whatever proves the caller's identity: an API that has no cookie today may have one tomorrow (P46). */
function demandSafeOrigin({ method, changes = method !== 'GET' }: Operation, { request, ports }: Call): void {
  if (changes) {
    demandOwnSite({ headers: request.headers, url: request.url, publicUrl: ports.policy.publicUrl });
  }
}

/** The one place where a principal's scope takes effect: nothing behind it can reach the whole store. */
function narrowedPorts(ports: WholePorts, { kind, id, scope }: Principal): Ports {
  if (scope.kind === 'all') {
    return ports;
  }
  return { ...ports, store: ports.store.narrowedTo({ tags: scope.tags, by: { kind, id } }) };
}

const refusals: readonly FaultCode[] = ['permission_denied', 'licence_required'];

interface Refused extends Pick<Refusal, 'principal' | 'fault'> {
  readonly operation: Operation;
  readonly call: Call;
}

/** A refusal that cannot be written down is one all the same. */
async function tellRefusal(parts: RunningParts, { operation, call, principal, fault }: Refused): Promise<void> {
  const named = nameOf(operation);
  try {
    const { remoteAddress } = call.connection;
    await parts.recordRefusal({ principal, operation: named, remoteAddress, fault });
  } catch (cause) {
    call.ports.log.error('A refused call could not be recorded.', { operation: named, cause });
  }
}

/** By the documented pattern, whichever alias was asked for. */
function nameOf({ method, paths }: Operation): string {
  return `${method} ${paths[0] ?? ''}`;
}

function demandLicence(policy: Pick<Policy, 'licences'>, demand: LicenceDemand): void {
  if (!satisfies(policy.licences, demand)) {
    throw new Fault('licence_required', `This needs one of the licences ${demand.join(', ')}.`, {
      details: { licences: demand },
    });
  }
}

function unknownPath(request: Request): Fault {
  const { pathname } = new URL(request.url);
  return new Fault('not_found', `There is nothing at ${request.method} ${pathname}.`, { details: { what: 'path' } });
}

/** The last floor: an answer even when the renderer itself fails. */
function renderSafely(parts: DialectParts, fault: Fault, { request, connection }: Asked): Response {
  try {
    return parts.renderFault(fault, request, connection.trace?.id);
  } catch {
    return new Response('Internal Server Error', { status: 500, headers: { 'content-type': 'text/plain' } });
  }
}

/** Neither path nor message: the one may hold a download's token, and the other repeats what the client sent. */
function logFault(log: Log, fault: Fault): void {
  const { code } = fault;
  if (code === 'internal' || code === 'unavailable') {
    log.error('A request failed.', { code, cause: fault.cause ?? fault });
    return;
  }
  log.debug('A request was refused.', { code });
}
