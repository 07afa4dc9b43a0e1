import { type Expression, expressionBuilder, type SqlBool } from 'kysely';
import type { Sha256 } from '#core/file/hash.ts';
import type {
  EvidenceClaim,
  EvidenceFilter,
  EvidenceReader,
  EvidenceRecord,
  EvidenceWriter,
} from '#core/ports/store/evidence.ts';
import type { EvidenceRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { keptQuery } from '../sql/kept-query.ts';
import { claimedAmong, claimedAs, claimsOf, holdsOn } from './evidence-claims.ts';
import { claimingActions, sourcesOf } from './evidence-sources.ts';
import { demandPage } from './page.ts';

const evidenceByHashes = keptQuery(({ db, dialect }, { hashes }: { readonly hashes: readonly Sha256[] }) =>
  db.selectFrom('evidence').selectAll().where(dialect.among('evidence.sha256', hashes)),
);

const insertClaim = keptQuery(({ db }, { sha256, taskId, ordinal, at }: EvidenceClaim) =>
  db
    .insertInto('evidence_claims')
    .values({ sha256, task_id: taskId, ordinal, claimed_at: at })
    .onConflict((conflict) => conflict.columns(['sha256', 'task_id', 'ordinal']).doNothing()),
);

const wantAnew = keptQuery(({ db }, { sha256, at }: EvidenceClaim) =>
  db.updateTable('evidence').set({ wanted_at: at }).where('sha256', '=', sha256),
);

export function evidenceReader(session: Session): EvidenceReader {
  const { db } = session;
  const kept = db.selectFrom('evidence').where('deleted_at', 'is', null);
  return {
    async byHashes(hashes) {
      return (await evidenceByHashes.all(session, { hashes })).map(toRecord);
    },
    async list(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = matchingFilter(session, filter);
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching
        .selectAll()
        .orderBy('wanted_at', 'desc')
        .orderBy('sha256', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toRecord), total };
    },
    claimsOf: (hashes) => claimsOf(session, hashes),
    sourcesOf: (hashes, most) => sourcesOf(session, hashes, most),
    actionsOf: (hashes, most) => claimingActions(session, hashes, most),
    claimedAmong: (places) => claimedAmong(session, places),
    holdsOn: (hashes) => holdsOn(session, hashes),
    async unwantedSince(before, after, limit) {
      const rows = await kept
        .selectAll()
        .where('wanted_at', '<', before)
        .$if(after !== undefined, (query) =>
          query.where(({ or, and, eb }) =>
            or([
              eb('wanted_at', '>', after?.wantedAt ?? 0),
              and([eb('wanted_at', '=', after?.wantedAt ?? 0), eb('sha256', '>', after?.sha256 ?? ('' as Sha256))]),
            ]),
          ),
        )
        .orderBy('wanted_at')
        .orderBy('sha256')
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },
    async unerased(limit) {
      const deleted = db.selectFrom('evidence').where('deleted_at', 'is not', null).where('erased_at', 'is', null);
      const rows = await deleted.select('sha256').orderBy('sha256').limit(limit).execute();
      return rows.map((row) => row.sha256);
    },
    async totals() {
      const row = await kept
        .select(({ fn }) => [
          fn.countAll<number>().as('files'),
          fn.sum<number | null>('size').as('bytes'),
          fn.count<number>('damaged_at').as('damaged'),
        ])
        .executeTakeFirstOrThrow();
      return { files: row.files, bytes: Number(row.bytes ?? 0), damaged: row.damaged };
    },
  };
}

export function evidenceWriter(session: Session): EvidenceWriter {
  const { db } = session;
  return {
    ...evidenceReader(session),
    async insert({ sha256, size, storedAt }) {
      const fresh = { ...undeleted, size, stored_at: storedAt, wanted_at: storedAt };
      await db
        .insertInto('evidence')
        .values({ sha256, ...fresh })
        .onConflict((conflict) =>
          conflict
            .column('sha256')
            .doUpdateSet(fresh)
            .where(({ or, eb }) =>
              or([eb('evidence.deleted_at', 'is not', null), eb('evidence.damaged_at', 'is not', null)]),
            ),
        )
        .execute();
    },
    async claim({ sha256, taskId, ordinal, at }) {
      const claim = { sha256, taskId, ordinal, at };
      await session.run([insertClaim.statement(session, claim), wantAnew.statement(session, claim)]);
    },
    async markDeleted(sha256, { at, rule, reason, by }) {
      await db
        .updateTable('evidence')
        .set({
          ...{ deleted_at: at, deletion_rule: rule, deletion_reason: reason, erased_at: null },
          ...{ deleted_by_kind: by.kind, deleted_by_id: by.id, deleted_by_name: by.name },
        })
        .where('sha256', '=', sha256)
        .where('deleted_at', 'is', null)
        .execute();
    },
    async markErased(sha256, at) {
      const deleted = db.updateTable('evidence').where('sha256', '=', sha256).where('deleted_at', 'is not', null);
      await deleted.set({ erased_at: at }).execute();
    },
    async markDamaged(sha256, at) {
      const whole = db.updateTable('evidence').where('sha256', '=', sha256).where('deleted_at', 'is', null);
      const rows = await whole.where('damaged_at', 'is', null).set({ damaged_at: at }).returning('sha256').execute();
      return rows.length > 0;
    },
  };
}

const undeleted = {
  ...{ damaged_at: null, deleted_at: null, deletion_rule: null, deletion_reason: null, erased_at: null },
  ...{ deleted_by_kind: null, deleted_by_id: null, deleted_by_name: null },
} as const;

function matchingFilter(session: Session, { states, sha256, pathContains }: EvidenceFilter) {
  const { db, dialect } = session;
  return db
    .selectFrom('evidence')
    .$if(states !== undefined, (query) => query.where(({ or }) => or((states ?? []).map(isInState))))
    .$if(sha256 !== undefined, (query) => query.where(dialect.among('evidence.sha256', sha256 ?? [])))
    .$if(pathContains !== undefined, (query) =>
      query.where(({ exists }) => exists(claimedAs(session, pathContains ?? ''))),
    );
}

function isInState(state: NonNullable<EvidenceFilter['states']>[number]): Expression<SqlBool> {
  const { and, eb } = expressionBuilder<Schema, 'evidence'>();
  return state === 'deleted'
    ? eb('deleted_at', 'is not', null)
    : and([eb('deleted_at', 'is', null), eb('damaged_at', state === 'damaged' ? 'is not' : 'is', null)]);
}

function toRecord(row: EvidenceRow): EvidenceRecord {
  const { sha256, size, stored_at: storedAt, wanted_at: wantedAt, damaged_at: damagedAt } = row;
  return { sha256, size, storedAt, wantedAt, damagedAt, deletion: toDeletion(row) };
}

function toDeletion(row: EvidenceRow): EvidenceRecord['deletion'] {
  const { deleted_at: at, deletion_rule: rule, deletion_reason: reason, deleted_by_kind: kind } = row;
  if (at === null || rule === null || kind === null) {
    return null;
  }
  const by = { kind, id: row.deleted_by_id ?? '', name: row.deleted_by_name ?? '' };
  return { at, rule, reason: reason ?? '', by, erasedAt: row.erased_at };
}
