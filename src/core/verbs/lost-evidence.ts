import { Fault } from '../fault.ts';
import type { ArchiveEntry } from '../ports/archiver.ts';
import type { EvidenceDeletion, EvidenceRecord } from '../ports/store/evidence.ts';
import type { FetchedFile } from './fetched-files.ts';

export interface PartedFiles {
  /** Their bytes can be given out. */
  readonly kept: readonly FetchedFile[];
  /** Theirs were deleted, or are damaged. */
  readonly lost: readonly FetchedFile[];
}

export function partLost(files: readonly FetchedFile[]): PartedFiles {
  const isLost = ({ evidence }: FetchedFile) => evidence !== undefined && lossOf(evidence) !== undefined;
  return { kept: files.filter((file) => !isLost(file)), lost: files.filter(isLost) };
}

/** @throws Fault `evidence_deleted`, `evidence_damaged` when the bytes of all of these files are lost, and there are some. */
export function demandAnyKept({ kept, lost }: PartedFiles): void {
  const fault = lost[0]?.evidence && lossOf(lost[0].evidence);
  if (kept.length === 0 && fault !== undefined) {
    throw fault;
  }
}

/** Why bytes that were stored are not given out; undefined while they are. */
export function lossOf(record: EvidenceRecord): Fault | undefined {
  const { sha256, deletion, damagedAt } = record;
  if (deletion !== null) {
    const details = { sha256, deletedAt: new Date(deletion.at).toISOString(), rule: deletion.rule };
    return new Fault('evidence_deleted', deletionWords(deletion), { details });
  }
  if (damagedAt === null) {
    return undefined;
  }
  const since = new Date(damagedAt).toISOString();
  const message = `The stored bytes are damaged, as was found at ${since}, and are not given out. Fetch the file again.`;
  return new Fault('evidence_damaged', message, { details: { sha256 } });
}

/** When, by whom and why, on one line. */
function deletionWords({ at, rule, reason, by }: EvidenceDeletion): string {
  const when = new Date(at).toISOString();
  const who = rule === 'person' ? `by ${oneLine(by.name)}` : 'by the rule of retention';
  const why = oneLine(reason).replace(/\.$/, '');
  return `The bytes were deleted at ${when} ${who}: ${why}. What is known of the file is kept.`;
}

/** For an archive of the others, so that nobody takes them for all; nothing where nothing is missing. */
export function lossNote(
  lost: readonly FetchedFile[],
  { modifiedAt, taken }: { readonly modifiedAt: number; readonly taken: readonly string[] },
): readonly ArchiveEntry[] {
  if (lost.length === 0) {
    return [];
  }
  const lines = lost.map(({ name, endpoint, task, evidence }) => {
    const words = evidence && lossOf(evidence)?.message;
    return `${oneLine(endpoint?.hostName ?? task.endpointId)} ${oneLine(name)} ${evidence?.sha256}: ${words}`;
  });
  const bytes = new TextEncoder().encode(`These fetched files are not in this archive:\n${lines.join('\n')}\n`);
  const open = async () => new Blob([bytes]).stream();
  return [{ name: freeName(taken), modifiedAt, size: bytes.length, open }];
}

function freeName(taken: readonly string[]): string {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  let name = 'not-included.txt';
  while (used.has(name)) {
    name = `_${name}`;
  }
  return name;
}

function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ');
}
