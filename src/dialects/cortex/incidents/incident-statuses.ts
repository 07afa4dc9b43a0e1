import { type IncidentStatus, incidentStatuses } from '#core/incident/incident.ts';

/** The vendor has no word for what waits, nor for what was taken up again. */
const words = {
  new: 'new',
  under_investigation: 'under_investigation',
  on_hold: 'under_investigation',
  reopened: 'under_investigation',
  resolved_true_positive: 'resolved_true_positive',
  resolved_false_positive: 'resolved_false_positive',
  resolved_known_issue: 'resolved_known_issue',
  resolved_duplicate: 'resolved_duplicate',
  resolved_security_testing: 'resolved_security_testing',
  resolved_other: 'resolved_other',
} as const satisfies Readonly<Record<IncidentStatus, IncidentStatus>>;

type StatusWord = (typeof words)[IncidentStatus];

/** What older clients say. */
const olderWords: Readonly<Record<string, StatusWord>> = {
  resolved_threat_handled: 'resolved_true_positive',
  resolved_duplicate_incident: 'resolved_duplicate',
  resolved_auto_resolve: 'resolved_other',
};

const known: ReadonlyMap<string, StatusWord> = new Map([
  ...Object.entries(olderWords),
  ...Object.values(words).map((word) => [word, word] as const),
]);

/** For messages. */
export const statusWords: readonly string[] = [...known.keys()];

export function wordOfStatus(status: IncidentStatus): StatusWord {
  return words[status];
}

/** Upper case is fine; undefined for what is no word of the vendor's. */
export function readStatusWord(text: string): StatusWord | undefined {
  return known.get(text.trim().toLowerCase());
}

/** All that the word stands for. */
export function statusesOf(word: StatusWord): readonly IncidentStatus[] {
  return incidentStatuses.filter((status) => words[status] === word);
}
