import type { TaskId } from '#core/action/action-id.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { ReceivedReport } from '#core/verbs/received-report.ts';
import type { Acceptance } from '#core/verbs/record-accepted.ts';
import { readPublicKey } from '#wire/signature.ts';
import type { AgentSession, SessionEndpoint } from './agent-session.ts';
import { Coalescer } from './coalescer.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { type ReportMessage, readReport } from './read-report.ts';
import { recordStatements, type StatementReceipt, type TaskStatement } from './record-statements.ts';
import { isPassing, tryLater } from './try-later.ts';

const bytesPerCommit = 4 * 1024 * 1024;
const bytesWaiting = 64 * 1024 * 1024;
/** Of one session: whoever says more than is recorded must not keep others from being heard. */
const bytesWaitingOfSession = 16 * 1024 * 1024;
/** What a report costs beside its bytes, roughly. */
const reportOverhead = 1_024;
/** What an accepted task costs, roughly. */
const acceptanceWeight = 128;

/** Why a report is not recorded, in the words that its agent is told. */
const refusals = {
  unknown_task: 'There is no such task of this endpoint.',
  not_signed: 'The signature is not by the key of this endpoint.',
} as const;

/**
 * Takes what agents say of their tasks and records it, many sessions' in one commit; each report is answered once it
 * is durable. Signatures are checked while the commit before is under way.
 */
export class TaskIntake {
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'stormSpread' | 'isSignatureValid'>;
  readonly #commits: Coalescer<TaskStatement, StatementReceipt>;
  readonly #waiting = new Map<AgentSession, number>();

  constructor(ports: GatewayPorts, settings: Pick<GatewaySettings, 'coalesce' | 'stormSpread' | 'isSignatureValid'>) {
    this.#ports = ports;
    this.#settings = settings;
    this.#commits = new Coalescer({
      clock: ports.clock,
      delay: settings.coalesce,
      weigh: weightOf,
      mostPerRun: bytesPerCommit,
      mostWaiting: bytesWaiting,
      run: (statements) => recordStatements(ports, statements),
    });
  }

  /**
   * An agent has orders on disk. Never rejects: what was not recorded is asked for again, when the agent has
   * reconnected and is handed the order anew.
   */
  async accept(session: AgentSession, acceptance: Acceptance): Promise<void> {
    try {
      await this.#submit(session, { kind: 'acceptance', acceptance });
    } catch (thrown) {
      const { endpointId } = acceptance;
      this.#ports.log.error('An acceptance could not be recorded.', { endpointId, cause: asFault(thrown) });
      this.#askLater(session, 'The acceptance cannot be recorded just now.');
    }
  }

  /** An agent says how a task ended. @throws Fault `invalid_request` when the bytes are no report of any task. */
  report(session: AgentSession, endpoint: SessionEndpoint, message: ReportMessage): void {
    const report = readReport(endpoint, message);
    if ('flaw' in report) {
      this.#refuse(session, { endpoint, taskId: report.taskId, why: report.flaw });
      return;
    }
    const key = readPublicKey(endpoint.devicePublicKey);
    const isSigned = this.#settings.isSignatureValid('custody-report-v1', report.signed, key);
    void this.#record(session, { kind: 'report', report, isSigned });
  }

  forget(session: AgentSession): void {
    this.#waiting.delete(session);
  }

  settled(): Promise<void> {
    return this.#commits.settled();
  }

  /** @throws Fault `rate_limited` when too much of this session, or of all, waits. */
  async #submit(session: AgentSession, statement: TaskStatement): Promise<StatementReceipt> {
    const weight = weightOf(statement);
    const waiting = this.#waiting.get(session) ?? 0;
    if (waiting > 0 && waiting + weight > bytesWaitingOfSession) {
      throw new Fault('rate_limited', 'Too much of this agent waits to be recorded.');
    }
    this.#waiting.set(session, waiting + weight);
    try {
      return await this.#commits.submit(statement);
    } finally {
      const left = this.#waiting.get(session);
      if (left !== undefined) {
        this.#waiting.set(session, left - weight);
      }
    }
  }

  /** Never rejects. */
  async #record(session: AgentSession, statement: Extract<TaskStatement, { kind: 'report' }>): Promise<void> {
    const { endpoint, taskId } = statement.report;
    const receipt = await this.#submit(session, statement).catch(asFault);
    switch (receipt) {
      case 'recorded':
        session.send({ type: 'recorded', taskId });
        return;
      case 'unknown_task':
      case 'not_signed':
        this.#refuse(session, { endpoint, taskId, why: refusals[receipt] });
        return;
      case 'accepted':
        return;
      default:
        this.#failed(session, statement.report, receipt);
    }
  }

  #failed(session: AgentSession, { endpoint, taskId }: ReceivedReport, fault: Fault): void {
    this.#ports.log.error('A report could not be recorded.', { endpointId: endpoint.id, taskId, cause: fault });
    if (isPassing(fault.code)) {
      this.#askLater(session, 'The report cannot be recorded just now.');
    }
  }

  #askLater(session: AgentSession, why: string): void {
    session.refuse(tryLater(why, this.#settings.stormSpread, this.#ports.random));
  }

  #refuse(session: AgentSession, refused: { endpoint: { id: string }; taskId: TaskId; why: string }): void {
    const { endpoint, taskId, why } = refused;
    this.#ports.log.warn('A report was refused.', { endpointId: endpoint.id, taskId, why });
    session.send({ type: 'report_refused', taskId, why });
  }
}

function weightOf(statement: TaskStatement): number {
  return statement.kind === 'acceptance'
    ? statement.acceptance.taskIds.length * acceptanceWeight
    : statement.report.signed.bytes.length + reportOverhead;
}
