import { escapeHtml } from '#core/escape-html.ts';
import type { IncidentComment } from '#core/incident/incident.ts';

/** Clients undo the escapes of HTML. */
export function showComment(comment: IncidentComment): object {
  return { ...commentAsWritten(comment), message: escapeHtml(comment.text) };
}

/** The same within an element. */
export function commentAsWritten({ id, text, at, author }: IncidentComment): object {
  return { commentId: id, username: author.name, message: text, timestamp: at, empty: false };
}
