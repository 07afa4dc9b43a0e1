import type { AlertSeverity } from '#core/incident/alert.ts';

/** A client knows no informational alerts, and refuses a whole page for one. */
export function shownSeverity(severity: AlertSeverity): AlertSeverity {
  return severity === 'informational' ? 'low' : severity;
}
