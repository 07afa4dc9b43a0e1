import { asFault, type Fault } from '#core/fault.ts';
import type { ReceivedReport } from '#core/verbs/received-report.ts';
import { type Acceptance, recordAccepted } from '#core/verbs/record-accepted.ts';
import { type ReportReceipt, recordReports } from '#core/verbs/record-reports.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import { isPassing } from './try-later.ts';

/** What an agent said of its tasks. */
export type TaskStatement =
  | { readonly kind: 'acceptance'; readonly acceptance: Acceptance }
  | {
      readonly kind: 'report';
      readonly report: ReceivedReport;
      /** Whether the signature is by the endpoint's key; never rejects. */
      readonly isSigned: Promise<boolean>;
    };

export type StatementReceipt = ReportReceipt | 'accepted' | 'not_signed' | Fault;

/**
 * Records what many agents said. A report says that its order was accepted, too, so an acceptance is written only
 * where no report of the same run was recorded.
 * @returns one receipt per statement, in their order.
 */
export async function recordStatements(
  ports: Pick<GatewayPorts, 'store' | 'clock'>,
  statements: readonly TaskStatement[],
): Promise<readonly StatementReceipt[]> {
  const signed = await signedReports(statements);
  const receipts = await recordEach(ports, signed);
  const ended = new Set([...receipts].flatMap(([{ taskId }, receipt]) => (receipt === 'recorded' ? [taskId] : [])));
  const acceptances = statements
    .flatMap((statement) => (statement.kind === 'acceptance' ? [statement.acceptance] : []))
    .map(({ endpointId, taskIds }) => ({ endpointId, taskIds: taskIds.filter((id) => !ended.has(id)) }))
    .filter(({ taskIds }) => taskIds.length > 0);
  if (acceptances.length > 0) {
    await recordAccepted(ports, acceptances);
  }
  return statements.map((statement) => {
    if (statement.kind === 'acceptance') {
      return 'accepted';
    }
    return receipts.get(statement.report) ?? 'not_signed';
  });
}

async function signedReports(statements: readonly TaskStatement[]): Promise<readonly ReceivedReport[]> {
  const reports: ReceivedReport[] = [];
  for (const statement of statements) {
    if (statement.kind === 'report' && (await statement.isSigned)) {
      reports.push(statement.report);
    }
  }
  return reports;
}

/** One report that breaks the store's rules must not keep the others of its run from being recorded. */
async function recordEach(
  ports: Pick<GatewayPorts, 'store' | 'clock'>,
  reports: readonly ReceivedReport[],
): Promise<ReadonlyMap<ReceivedReport, ReportReceipt | Fault>> {
  if (reports.length === 0) {
    return new Map();
  }
  try {
    const receipts = await recordReports(ports, reports);
    return new Map(reports.map((report, index) => [report, receipts[index] ?? 'unknown_task']));
  } catch (thrown) {
    const fault = asFault(thrown);
    if (reports.length === 1 || isPassing(fault.code)) {
      throw fault;
    }
  }
  const receipts = new Map<ReceivedReport, ReportReceipt | Fault>();
  for (const report of reports) {
    const [receipt] = await recordReports(ports, [report]).catch((thrown: unknown) => [asFault(thrown)]);
    receipts.set(report, receipt ?? 'unknown_task');
  }
  return receipts;
}
