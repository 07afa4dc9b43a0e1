import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { Approval, Decision, KnownApproval } from '#core/guard/approval.ts';
import { type BrokenRule, guardRules } from '#core/guard/guard.ts';
import type { ApprovalFilter, ApprovalReader, ApprovalWriter } from '#core/ports/store/approvals.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import type { ApprovalRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { demandPage } from './page.ts';

const rulesSchema = z.array(z.object({ rule: z.enum(guardRules), count: z.number().int(), limit: z.number().int() }));

const isHeld = sql<SqlBool>`exists (
  select 1 from tasks where tasks.action_id = approvals.action_id and tasks.round = approvals.round and tasks.state = 'held'
)`;

/** An action has one for each round that was held; what can be decided is the newest at most. */
const isNewest = sql<SqlBool>`not exists (
  select 1 from approvals as later where later.action_id = approvals.action_id and later.round > approvals.round
)`;

type HeldRow = ApprovalRow & { readonly held: number };

export function approvalReader(session: Session): ApprovalReader {
  const { db, dialect } = session;
  const all = db.selectFrom('approvals');
  const columns = all.selectAll('approvals').select(sql<number>`case when ${isHeld} then 1 else 0 end`.as('held'));
  return {
    async byAction(id) {
      const row = await columns.where('approvals.action_id', '=', id).where(isNewest).executeTakeFirst();
      return row && toApproval(row);
    },
    async byActions(ids) {
      const rows = await columns.where(dialect.among('approvals.action_id', ids)).where(isNewest).execute();
      return rows.map(toApproval);
    },
    async list(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = matches(filter);
      const counted = all.select(({ fn }) => fn.countAll<number>().as('total'));
      const { total } = await counted.where(matching).executeTakeFirstOrThrow();
      const rows = await columns
        .where(matching)
        .orderBy('approvals.requested_at', 'desc')
        // Ids are digits without leading zeros: the longer one is the greater.
        .orderBy(sql`length(approvals.action_id)`, 'desc')
        .orderBy('approvals.action_id', 'desc')
        .orderBy('approvals.round', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toApproval), total };
    },
  };
}

function matches({ waitingAt, bypassedFrom }: ApprovalFilter): RawBuilder<SqlBool> {
  const waiting = sql<SqlBool>`approvals.verdict is null and approvals.expires_at > ${waitingAt} and ${isHeld}`;
  const bypassed = sql<SqlBool>`approvals.verdict = 'bypassed' and approvals.decided_at >= ${bypassedFrom}`;
  const conditions = [...(waitingAt === undefined ? [] : [waiting]), ...(bypassedFrom === undefined ? [] : [bypassed])];
  return conditions.length === 0 ? sql`1 = 1` : sql`${sql.join(conditions, sql` and `)}`;
}

export function approvalWriter(session: Session): ApprovalWriter {
  const { db, dialect } = session;
  return {
    ...approvalReader(session),
    async insert(approvals) {
      await runBulk(session, insertApprovals, approvals.map(toRow));
    },
    async decide(id, decision) {
      const decided = await db
        .updateTable('approvals')
        .set(toDecisionColumns(decision))
        .where('action_id', '=', id)
        .where(isNewest)
        .where('verdict', 'is', null)
        .returning('action_id')
        .execute();
      return decided.length > 0;
    },
    async expire(ids, decision) {
      const expired = await db
        .updateTable('approvals')
        .set(toDecisionColumns({ ...decision, verdict: 'expired' }))
        .where(dialect.among('approvals.action_id', ids))
        .where(isNewest)
        .where('verdict', 'is', null)
        .where('expires_at', '<=', decision.at)
        .returning('action_id')
        .execute();
      return expired.map((row) => row.action_id);
    },
  };
}

const insertApprovals = bulkTemplate<ApprovalRow>((session, rows) => session.db.insertInto('approvals').values(rows));

function toDecisionColumns({ verdict, at, by, reason }: Decision) {
  return {
    verdict,
    decided_at: at,
    decided_by_kind: by.kind,
    decided_by_id: by.id,
    decided_by_name: by.name,
    reason,
  };
}

function toRow(approval: Omit<Approval, 'decision'>): ApprovalRow {
  return {
    action_id: approval.actionId,
    round: approval.round,
    requested_at: approval.requestedAt,
    requested_by_kind: approval.requestedBy.kind,
    requested_by_id: approval.requestedBy.id,
    requested_by_name: approval.requestedBy.name,
    endpoints_count: approval.endpointsCount,
    rules_json: canonicalJson(approval.rules.map(({ rule, count, limit }) => ({ rule, count, limit }))),
    files_count: approval.filesCount,
    digest: approval.digest,
    requester: approval.requester,
    expires_at: approval.expiresAt,
    lifetime: approval.lifetime,
    verdict: null,
    decided_at: null,
    decided_by_kind: null,
    decided_by_id: null,
    decided_by_name: null,
    reason: '',
  };
}

function toApproval(row: HeldRow): KnownApproval {
  return {
    actionId: row.action_id,
    round: row.round,
    rules: readRules(row.rules_json),
    endpointsCount: row.endpoints_count,
    filesCount: row.files_count,
    digest: row.digest,
    requestedBy: { kind: row.requested_by_kind, id: row.requested_by_id, name: row.requested_by_name },
    requester: row.requester,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    lifetime: row.lifetime,
    decision: toDecision(row),
    isHeld: Number(row.held) === 1,
  };
}

function toDecision(row: ApprovalRow): Decision | null {
  const { verdict, decided_at: at, decided_by_kind: kind, decided_by_id: id, decided_by_name: name } = row;
  if (verdict === null || at === null || kind === null || id === null || name === null) {
    return null;
  }
  return { verdict, at, by: { kind, id, name }, reason: row.reason };
}

function readRules(json: string): readonly BrokenRule[] {
  const parsed = rulesSchema.safeParse(JSON.parse(json));
  if (!parsed.success) {
    throw new Fault('internal', 'Why an action was held cannot be read from the store.', { cause: parsed.error });
  }
  return parsed.data;
}
