import { z } from 'zod';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { asFault, Fault } from '#core/fault.ts';
import { type ReceivedReport, type ReportReceipt, recordReports } from '#core/verbs/record-reports.ts';
import { decode } from '#wire/codec.ts';
import { type Report, reportSchema } from '#wire/report.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import type { AgentSession, SessionEndpoint, Statement } from './agent-session.ts';
import { Coalescer } from './coalescer.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { isPassing, tryLater } from './try-later.ts';

type ReportMessage = Extract<Statement, { type: 'report' }>;

const bytesPerCommit = 4 * 1024 * 1024;
const bytesWaiting = 64 * 1024 * 1024;
/** What a report costs beside its bytes, roughly. */
const reportOverhead = 1_024;

const whyUnknown = 'There is no such task of this endpoint.';

/** Checks reports and records them, many sessions' in one commit; each is answered once it is durable. */
export class ReportIntake {
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'stormSpread'>;
  readonly #commits: Coalescer<ReceivedReport, ReportReceipt | Fault>;

  constructor(ports: GatewayPorts, settings: Pick<GatewaySettings, 'coalesce' | 'stormSpread'>) {
    this.#ports = ports;
    this.#settings = settings;
    this.#commits = new Coalescer({
      clock: ports.clock,
      delay: settings.coalesce,
      weigh: (report) => report.signed.bytes.length + reportOverhead,
      mostPerRun: bytesPerCommit,
      mostWaiting: bytesWaiting,
      run: (reports) => this.#commit(reports),
    });
  }

  /** @throws Fault `invalid_request` when the bytes are no report of any task. */
  take(session: AgentSession, endpoint: SessionEndpoint, message: ReportMessage): void {
    const report = parseReport(message.report);
    const why = 'flaw' in report ? report.flaw : flawOf(endpoint, message, report);
    if (why !== undefined || 'flaw' in report) {
      this.#refuse(session, { endpoint, taskId: report.taskId, why: why ?? 'The report is malformed.' });
      return;
    }
    void this.#record(session, receivedFrom(endpoint, message, report));
  }

  settled(): Promise<void> {
    return this.#commits.settled();
  }

  /** Never rejects. */
  async #record(session: AgentSession, received: ReceivedReport): Promise<void> {
    const { endpoint, taskId } = received;
    const receipt = await this.#commits.submit(received).catch(asFault);
    if (receipt === 'recorded') {
      session.send({ type: 'recorded', taskId });
      return;
    }
    if (receipt === 'unknown_task') {
      this.#refuse(session, { endpoint, taskId, why: whyUnknown });
      return;
    }
    this.#ports.log.error('A report could not be recorded.', { endpointId: endpoint.id, taskId, cause: receipt });
    if (isPassing(receipt.code)) {
      const why = 'The report cannot be recorded just now.';
      session.refuse(tryLater(why, this.#settings.stormSpread, this.#ports.random));
    }
  }

  /** One report that breaks the store's rules must not keep the others of its commit from being recorded. */
  async #commit(reports: readonly ReceivedReport[]): Promise<readonly (ReportReceipt | Fault)[]> {
    try {
      return await recordReports(this.#ports, reports);
    } catch (thrown) {
      const fault = asFault(thrown);
      if (reports.length === 1 || isPassing(fault.code)) {
        throw fault;
      }
    }
    const receipts: (ReportReceipt | Fault)[] = [];
    for (const report of reports) {
      const [receipt] = await recordReports(this.#ports, [report]).catch((thrown: unknown) => [asFault(thrown)]);
      receipts.push(receipt ?? 'unknown_task');
    }
    return receipts;
  }

  #refuse(session: AgentSession, refused: { endpoint: { id: string }; taskId: TaskId; why: string }): void {
    const { endpoint, taskId, why } = refused;
    this.#ports.log.warn('A report was refused.', { endpointId: endpoint.id, taskId, why });
    session.send({ type: 'report_refused', taskId, why });
  }
}

function receivedFrom(endpoint: SessionEndpoint, message: ReportMessage, report: Report): ReceivedReport {
  const { actionId, taskId, files } = report;
  return { endpoint, actionId, taskId, files, signed: { bytes: message.report, signature: message.signature } };
}

function flawOf(endpoint: SessionEndpoint, message: ReportMessage, report: Report): string | undefined {
  if (report.endpointId !== endpoint.id) {
    return 'An agent reports for its own endpoint only.';
  }
  const signed = { bytes: message.report, signature: message.signature };
  const valid = isSignatureValid('custody-report-v1', signed, readPublicKey(endpoint.devicePublicKey));
  return valid ? undefined : 'The signature is not by the key of this endpoint.';
}

const taskOnlySchema = z.object({ taskId: taskIdSchema });

/** A malformed report that names its task is refused by that name, so that its agent stops sending it. */
function parseReport(bytes: Uint8Array): Report | { readonly taskId: TaskId; readonly flaw: string } {
  try {
    return decode(bytes, reportSchema);
  } catch (thrown) {
    const flaw = thrown instanceof Fault ? thrown.message : 'The report is malformed.';
    return { taskId: decode(bytes, taskOnlySchema).taskId, flaw: flaw.slice(0, 500) };
  }
}
