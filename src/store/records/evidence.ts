import type { EvidenceReader, EvidenceWriter } from '#core/ports/store/evidence.ts';
import type { Session } from '../session.ts';

export function evidenceReader({ db, dialect }: Session): EvidenceReader {
  return {
    async byHashes(hashes) {
      const query = db.selectFrom('evidence').selectAll().where(dialect.among('evidence.sha256', hashes));
      const rows = await query.execute();
      return rows.map((row) => ({ sha256: row.sha256, size: row.size, storedAt: row.stored_at }));
    },
  };
}

export function evidenceWriter(session: Session): EvidenceWriter {
  return {
    ...evidenceReader(session),
    async insert(record) {
      await session.db
        .insertInto('evidence')
        .values({ sha256: record.sha256, size: record.size, stored_at: record.storedAt })
        .onConflict((conflict) => conflict.column('sha256').doNothing())
        .execute();
    },
  };
}
