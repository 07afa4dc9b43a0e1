import { z } from 'zod';
import { openZip } from '#archive/open-zip.ts';
import { evidenceFolder, bundleNames as names } from '#core/bundle/layout.ts';
import { type Manifest, manifestSchema } from '#core/bundle/manifest.ts';
import type { Sum } from '#core/bundle/sums.ts';
import { asFault } from '#core/fault.ts';
import { displayPath } from '#core/file/file-path.ts';
import { type Checkpoint, readCheckpoint } from '#wire/checkpoint.ts';
import type { ReportedFile } from '#wire/report.ts';
import { type NoteKey, openNote, readNoteKey } from '#wire/signed-note.ts';
import { checkEvents, type ProvedEvents } from './check-events.ts';
import { checkReports, placeOf, type ReportedFiles } from './check-reports.ts';
import { Finding, type FindingKind } from './finding.ts';
import { BundleFiles } from './read-bundle.ts';
import { leafFacts } from './read-leaf.ts';

export interface BundleToVerify {
  readonly file: string;
  /** The ledger's key as it came by another way, `name+id+key`. */
  readonly key?: string | undefined;
  readonly password?: string | undefined;
}

/** What a bundle is about and what was checked of it. */
export interface BundleVerdict {
  readonly subject: string | null;
  readonly exportedAt: string | null;
  readonly exportedBy: string | null;
  readonly events: number;
  readonly reports: number;
  readonly files: number;
  readonly ledger: { readonly key: string; readonly size: number; readonly root: string } | null;
  /** Whether the key was given by whoever checks, or is only what the bundle says. */
  readonly keyIsGiven: boolean;
  readonly finding: { readonly kind: FindingKind; readonly message: string } | null;
}

/**
 * Checks a bundle, without a server or a network: every file against the list, the list against the event of the export, every
 * event against the ledger, the ledger against its signature, every report against its agent's key and its event, every
 * file against a report (promise P58). The verdict names the first thing that is wrong.
 * @throws Fault where the file cannot be read or the given key is none
 */
export async function verifyBundle({ file, key, password }: BundleToVerify): Promise<BundleVerdict> {
  const given = key === undefined ? undefined : readNoteKey(key.trim());
  const verdict: Draft = { ...unread, keyIsGiven: given !== undefined };
  await using archive = await openZip(file, password);
  try {
    await check(new BundleFiles(archive.files), given, verdict);
  } catch (thrown) {
    verdict.finding = findingOf(thrown);
  }
  return verdict;
}

type Draft = { -readonly [Name in keyof BundleVerdict]: BundleVerdict[Name] };

const unread: BundleVerdict = {
  ...{ subject: null, exportedAt: null, exportedBy: null, events: 0, reports: 0, files: 0 },
  ...{ ledger: null, keyIsGiven: false, finding: null },
};

/** What cannot be read is not as it was written either. */
function findingOf(thrown: unknown): NonNullable<BundleVerdict['finding']> {
  if (thrown instanceof Finding) {
    return { kind: thrown.kind, message: thrown.message };
  }
  const fault = asFault(thrown);
  if (fault.code !== 'invalid_request' && fault.code !== 'too_large') {
    throw fault;
  }
  return { kind: 'malformed', message: fault.message };
}

async function check(files: BundleFiles, given: NoteKey | undefined, verdict: Draft): Promise<void> {
  const manifest = await files.json(names.manifest, manifestSchema);
  verdict.subject = `${manifest.subject.kind} ${manifest.subject.id}`;
  verdict.exportedAt = manifest.exportedAt;
  verdict.exportedBy = manifest.exportedBy;
  const { sums, sha256 } = await files.checkSums();
  const checkpoint = await signedCheckpoint(files, given);
  verdict.ledger = {
    ...{ key: (await files.text(names.key)).trim(), size: checkpoint.size },
    root: Buffer.from(checkpoint.root).toString('base64'),
  };
  const events = await checkEvents(files, checkpoint);
  verdict.events = events.count;
  const exported = checkExport(events, manifest, sha256);
  const { count, reported } = await checkReports(files, events);
  verdict.reports = count;
  if (count !== exported.reports) {
    const message = `There are ${count} reports, and the export that the ledger tells of had ${exported.reports}.`;
    throw new Finding('export_contradicted', message);
  }
  const evidence = sums.filter(({ name }) => name.startsWith(evidenceFolder));
  checkEvidence(evidence, manifest, reported);
  verdict.files = evidence.length;
}

async function signedCheckpoint(files: BundleFiles, given: NoteKey | undefined): Promise<Checkpoint> {
  const told = (await files.text(names.key)).trim();
  const note = await files.text(names.checkpoint);
  try {
    const key = readNoteKey(told);
    if (given !== undefined && (given.name !== key.name || !sameBytes(given.publicKey, key.publicKey))) {
      throw new Finding(
        'checkpoint_untrusted',
        `The bundle is of the ledger ${key.name}, whose key is not the one that was given.`,
      );
    }
    const checkpoint = readCheckpoint(openNote(note, key));
    if (checkpoint.origin !== key.name) {
      throw new Finding('checkpoint_untrusted', 'The checkpoint is of another ledger than the key.');
    }
    return checkpoint;
  } catch (thrown) {
    if (thrown instanceof Finding) {
      throw thrown;
    }
    const message = `${names.checkpoint} has no right signature of the key in ${names.key}.`;
    throw new Finding('checkpoint_untrusted', message, { cause: thrown });
  }
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

const exportFacts = z.object({
  subject: z.object({ kind: z.string(), id: z.string() }),
  events: z.int(),
  reports: z.int(),
  sums: z.string(),
});

/** What was said of the bundle when it was made, in the ledger. */
function checkExport(
  { exported, count }: ProvedEvents,
  { subject, counts }: Manifest,
  sums: string,
): z.infer<typeof exportFacts> {
  const facts = leafFacts(exported, names.exported, exportFacts);
  if (facts.sums !== sums) {
    const message = `${names.sums} is not the list of the export that the ledger tells of.`;
    throw new Finding('export_contradicted', message);
  }
  if (
    facts.subject.kind !== subject.kind ||
    facts.subject.id !== subject.id ||
    facts.events !== count ||
    counts.events !== count ||
    facts.reports !== counts.reports
  ) {
    throw new Finding(
      'export_contradicted',
      `The export that the ledger tells of was another one than ${names.manifest} says.`,
    );
  }
  return facts;
}

/** Each file has the name of its hash, and agents reported it from everywhere that the manifest says it is from. */
function checkEvidence(evidence: readonly Sum[], manifest: Manifest, reported: ReportedFiles): void {
  const told = new Map(manifest.evidence.map((file) => [file.sha256, file]));
  for (const { name, sha256 } of evidence) {
    if (name !== `${evidenceFolder}${sha256}` || told.get(sha256)?.absent !== null) {
      throw new Finding('evidence_unreported', `${name} is no file of which ${names.manifest} tells.`);
    }
  }
  const here = new Set(evidence.map(({ sha256 }) => sha256));
  for (const file of manifest.evidence) {
    checkSources(file, reported);
    if (file.absent === null && !here.has(file.sha256)) {
      throw new Finding('file_missing', `${evidenceFolder}${file.sha256} is not in the bundle.`);
    }
  }
}

/** A report of very many files has no room for their paths; the order has them. */
function shownPath({ path }: Pick<ReportedFile, 'path'>): string {
  return path === null ? '' : displayPath(path);
}

function checkSources({ sha256, size, sources }: Manifest['evidence'][number], reported: ReportedFiles): void {
  const wrong = sources.find(({ taskId, ordinal, path }) => {
    const file = reported.get(placeOf(taskId, ordinal));
    const isIt = file?.sha256 === sha256 && file.size === size;
    return !isIt || shownPath(file) !== path;
  });
  if (wrong !== undefined || sources.length === 0) {
    const message = `No agent reported the file ${sha256} from ${wrong?.path ?? 'anywhere'}.`;
    throw new Finding('evidence_unreported', message);
  }
}
