import type { Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Action } from '#core/action/action.ts';
import type { ActionId } from '#core/action/action-id.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault, type FaultCode } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { confirmAction } from '#core/verbs/confirm-action.ts';
import { describeRestorePlan } from '#core/verbs/describe-restore-plan.ts';
import { engageEmergencyStop } from '#core/verbs/engage-emergency-stop.ts';
import { issueRestoreToken } from '#core/verbs/issue-restore-token.ts';
import { planRestore } from '#core/verbs/plan-restore.ts';
import { purgeFiles } from '#core/verbs/purge-files.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { releaseEmergencyStop } from '#core/verbs/release-emergency-stop.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { resumeRings } from '#core/verbs/resume-rings.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { runRestorePlan } from '#core/verbs/run-restore-plan.ts';
import { undoAction } from '#core/verbs/undo-action.ts';
import type { LivePorts } from './simulated-server.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

function person(id: string): Principal {
  const role = builtInRole('Instance Administrator');
  return { kind: 'user', id, name: `${id}@custody.test`, role, scope: wholeFleet };
}

const requester = person('ana');
const approver = person('ben');
const origin = { principal: requester, dialect: 'native' } as const;

/** What people do, with how often out of all. */
const intents = {
  quarantinePath: 8,
  quarantineHash: 5,
  fetch: 5,
  restore: 8,
  undo: 6,
  purge: 1,
  cancel: 5,
  approve: 6,
  refuse: 2,
  revoke: 0.2,
  plan: 4,
  runPlan: 5,
  token: 3,
  retry: 7,
  confirm: 4,
  resume: 5,
  stop: 0.4,
  release: 5,
} as const;

export type Intent = keyof typeof intents;

const intentNames = Object.keys(intents).filter((name): name is Intent => name in intents);

/** What an order may be refused with by a server that does what it should. */
const honestRefusals: readonly FaultCode[] = [
  'no_target',
  'not_found',
  'conflict',
  'timeout',
  'unavailable',
  'evidence_unavailable',
];

const mostRecent = 8;

/** A file that machines have, and the bytes that it has on most of them. */
export interface KnownFile {
  readonly path: string;
  readonly sha256: Sha256;
}

export interface OperatorSurroundings {
  readonly weather: Weather;
  readonly trace: Trace;
  readonly endpointIds: readonly EndpointId[];
  readonly files: readonly KnownFile[];
  /** The order that an answer was given to: from here on it must not be lost. */
  acknowledged(action: ActionId): void;
  /** Somebody takes this token to that machine. */
  carry(endpointId: EndpointId, token: string): void;
  /** What no honest server answers. */
  wrong(words: string): void;
}

/** People who order, cancel, approve, refuse and remove, at random. */
export class Operators {
  readonly #around: OperatorSurroundings;
  readonly #recent: ActionId[] = [];
  readonly #quarantines: ActionId[] = [];
  readonly #plans: ActionId[] = [];

  constructor(around: OperatorSurroundings) {
    this.#around = around;
  }

  /** Never rejects; never resolves where the server ends meanwhile. */
  async act(ports: LivePorts, intent = this.#draw()): Promise<void> {
    this.#around.trace.note(`operators: ${intent}`);
    try {
      await this.#carryOut(intent, ports);
    } catch (thrown) {
      const code = thrown instanceof Fault ? thrown.code : 'no fault';
      this.#around.trace.note(`operators: ${intent} is refused, ${code}`);
      if (!honestRefusals.some((honest) => honest === code)) {
        this.#around.wrong(`${intent} ended with ${code}: ${String(thrown)}`);
      }
    }
  }

  #draw(): Intent {
    let left = this.#around.weather.chance.fraction() * intentNames.reduce((sum, name) => sum + intents[name], 0);
    for (const name of intentNames) {
      left -= intents[name];
      if (left < 0) {
        return name;
      }
    }
    return 'fetch';
  }

  async #carryOut(intent: Intent, ports: LivePorts): Promise<void> {
    const { chance } = this.#around.weather;
    const { path, sha256 } = chance.one(this.#around.files);
    switch (intent) {
      case 'quarantinePath': {
        // Now and then the bytes are not those that are looked for.
        const wanted = chance.whole(7) === 0 ? chance.one(this.#around.files).sha256 : sha256;
        const request = { origin, endpointIds: this.#some(), path: parsePath(path), sha256: wanted };
        return this.#opened(await quarantineFiles(ports, request));
      }
      case 'quarantineHash':
        return this.#opened(await quarantineFiles(ports, { origin, endpointIds: this.#some(), path: null, sha256 }));
      case 'fetch': {
        const paths = { linux: [parsePath(path), parsePath(chance.one(this.#around.files).path)] };
        return this.#opened(await retrieveFiles(ports, { origin, endpointIds: this.#some(), paths }));
      }
      case 'restore': {
        const endpointId = chance.whole(1) === 0 ? chance.one(this.#around.endpointIds) : undefined;
        return this.#opened(await restoreFiles(ports, { origin, sha256, endpointId }));
      }
      case 'undo':
        return await this.#undo(ports);
      case 'purge':
        return this.#opened(await purgeFiles(ports, { origin, sha256, endpointIds: this.#some() }));
      case 'cancel':
        return await this.#withRecent(async (id) => void (await cancelAction(ports, requester, id)));
      case 'approve':
      case 'refuse':
        return await this.#decide(intent, ports);
      case 'revoke':
        return await this.#revoke(ports);
      case 'stop':
        return void (await engageEmergencyStop(ports, requester, 'too much at once'));
      case 'release':
        return void (await releaseEmergencyStop(ports, approver, 'looked at'));
      case 'plan': {
        const plan = await planRestore(ports, { origin, sha256 });
        this.#opened(plan);
        keepRecent(this.#plans, plan.id);
        return;
      }
      case 'runPlan':
        return await this.#runPlan(ports);
      case 'token': {
        const endpointId = chance.one(this.#around.endpointIds);
        const { action, token } = await issueRestoreToken(ports, { origin, sha256, endpointId });
        this.#opened(action);
        return this.#around.carry(endpointId, token);
      }
      case 'retry':
      case 'confirm':
      case 'resume':
        return await this.#withRecent((actionId) => this.#takeUp(intent, ports, actionId));
    }
  }

  async #undo(ports: LivePorts): Promise<void> {
    if (this.#quarantines.length > 0) {
      const actionId = this.#around.weather.chance.one(this.#quarantines);
      const { undo } = await undoAction(ports, { origin, actionId });
      if (undo !== null) {
        this.#opened(undo);
      }
    }
  }

  async #decide(intent: 'approve' | 'refuse', ports: LivePorts): Promise<void> {
    const now = ports.clock.now();
    const page = { offset: 0, limit: 10 };
    const { items } = await ports.store.read(({ approvals }) => approvals.list({ waitingAt: now }, page));
    const [waiting] = items;
    if (waiting === undefined) {
      return;
    }
    const { actionId, digest } = waiting;
    if (intent === 'approve') {
      await approveAction(ports, { principal: approver, actionId, digest });
    } else {
      await refuseApproval(ports, { principal: approver, actionId, reason: 'too wide' });
    }
  }

  async #revoke(ports: LivePorts): Promise<void> {
    const endpointIds = [this.#around.weather.chance.one(this.#around.endpointIds)];
    const known = await ports.store.read(({ endpoints }) => endpoints.revokedAmong(endpointIds));
    if (known.length === 0) {
      const request = { principal: requester, name: 'delete', facts: {} };
      await revokeEndpoints(ports, { request, endpointIds, reason: 'retired' });
    }
  }

  /** As it reads now: what it is by the time that it is run must be the same. */
  async #runPlan(ports: LivePorts): Promise<void> {
    if (this.#plans.length > 0) {
      const { chance } = this.#around.weather;
      const actionId = chance.one(this.#plans);
      const { plan } = await describeRestorePlan(ports, actionId);
      const policies = { ifOccupied: chance.one(['fail', 'skip'] as const), ifParentMissing: 'fail' } as const;
      const wish = { origin, actionId, digest: plan.digest, allow: false, otherPath: undefined };
      const { action } = await runRestorePlan(ports, { ...wish, ...policies });
      this.#opened(action);
    }
  }

  /** What was ordered before, and has come to a stand. */
  async #takeUp(intent: 'retry' | 'confirm' | 'resume', ports: LivePorts, actionId: ActionId): Promise<void> {
    const { chance } = this.#around.weather;
    const endpointIds = chance.whole(2) === 0 ? [chance.one(this.#around.endpointIds)] : undefined;
    switch (intent) {
      case 'retry':
        await retryAction(ports, { origin, actionId, endpointIds });
        return;
      case 'confirm':
        await confirmAction(ports, { principal: requester, actionId, endpointIds });
        return;
      case 'resume': {
        const [halted] = await ports.store.read(({ rollouts }) => rollouts.halted());
        const request = { principal: approver, actionId: halted?.actionId ?? actionId, reason: 'looked at' };
        await resumeRings(ports, request);
      }
    }
  }

  /** One, a few, or everybody. */
  #some(): readonly EndpointId[] {
    const { chance } = this.#around.weather;
    const { endpointIds } = this.#around;
    const share = chance.one([0, 0, 0.2, 0.5, 1]);
    const drawn = endpointIds.filter(() => chance.fraction() < share);
    return drawn.length > 0 ? drawn : [chance.one(endpointIds)];
  }

  #opened({ id, verb }: Pick<Action, 'id' | 'verb'>): void {
    this.#around.acknowledged(id);
    keepRecent(this.#recent, id);
    if (verb === 'quarantine') {
      keepRecent(this.#quarantines, id);
    }
  }

  async #withRecent(work: (id: ActionId) => Promise<void>): Promise<void> {
    if (this.#recent.length > 0) {
      await work(this.#around.weather.chance.one(this.#recent));
    }
  }
}

function keepRecent(ids: ActionId[], id: ActionId): void {
  ids.push(id);
  if (ids.length > mostRecent) {
    ids.shift();
  }
}
