/** One file of the archive that holds the audit log: the events after one number, up to another. */
export interface AuditPart {
  readonly name: string;
  readonly after: number;
  readonly upTo: number;
  readonly isPacked: boolean;
}

const stem = 'userAuditSyslog';
const eventsPerPart = 100_000;
/** A client holds all parts in memory; who needs what is older reads the events of the native API. */
const mostRotated = 9;

/**
 * The newest events in the log itself and those before in packed parts, the newest of these first, as a log is that is rotated: what
 * stands in a part is settled once the next one has begun.
 */
export function auditParts(lastSequence: number, perPart = eventsPerPart): readonly AuditPart[] {
  const rotated = Math.max(0, Math.ceil(lastSequence / perPart) - 1);
  const current = { name: `${stem}.log`, after: rotated * perPart, upTo: lastSequence, isPacked: false };
  const older = Array.from({ length: Math.min(rotated, mostRotated) }, (_, index) => ({
    name: `${stem}-${String(index + 1).padStart(2, '0')}.log.gz`,
    after: (rotated - index - 1) * perPart,
    upTo: (rotated - index) * perPart,
    isPacked: true,
  }));
  return [current, ...older];
}
