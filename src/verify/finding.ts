/** What is wrong with a bundle, of what kind. */
export const findingKinds = [
  /** Something that every bundle has is not there, or cannot be read. */
  'malformed',
  /** A file is not listed, or listed and not there. */
  'file_missing',
  'file_unlisted',
  /** A file is not what the list says. */
  'file_altered',
  /** The signature of the checkpoint, or the key that made it. */
  'checkpoint_untrusted',
  /** Events that are not in the ledger. */
  'events_unproved',
  /** What the event of the export says is not what is in the bundle. */
  'export_contradicted',
  'report_forged',
  /** A report that no event tells of, or an event whose report is not here. */
  'report_unrecorded',
  /** A file that no agent reported with these bytes. */
  'evidence_unreported',
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** The first thing in a bundle that is wrong. */
export class Finding extends Error {
  override readonly name = 'Finding';
  readonly kind: FindingKind;

  /** @param message one sentence that names the file, the event or the report. */
  constructor(kind: FindingKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}
