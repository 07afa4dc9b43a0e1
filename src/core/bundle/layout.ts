/** The form that a bundle has; it stands in its manifest. */
export const bundleFormat = 'custody-bundle-1';

/**
 * What a bundle holds, by name. Everything but the proofs is listed in `sums`, whose own hash stands in the export's event, which is a
 * leaf of the ledger like all others: so nothing can be taken out of a bundle, or put into it, unseen.
 */
export const bundleNames = {
  readMe: 'README.txt',
  report: 'report.html',
  /** Another program that checks a bundle, for whoever has no Custody any more. */
  verifier: 'verify.py',
  manifest: 'manifest.json',
  /** One leaf on each line, in the order of the ledger. */
  events: 'events.jsonl',
  /** One signed report of an agent on each line. */
  reports: 'reports.jsonl',
  endpoints: 'endpoints.json',
  sums: 'SHA256SUMS',
  /** The leaf of the export itself. */
  exported: 'ledger/export.jsonl',
  proof: 'ledger/proof.jsonl',
  checkpoint: 'ledger/checkpoint.txt',
  key: 'ledger/key.txt',
} as const;

export const evidenceFolder = 'evidence/';

/** What `sums` cannot list, for it comes after it. */
export const afterSums: readonly string[] = [
  bundleNames.sums,
  bundleNames.exported,
  bundleNames.proof,
  bundleNames.checkpoint,
  bundleNames.key,
];
