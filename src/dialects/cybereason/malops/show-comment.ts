import type { IncidentComment } from '#core/incident/incident.ts';

/** Clients undo the escapes of HTML. */
export function showComment(comment: IncidentComment): object {
  return { ...commentAsWritten(comment), message: escapeHtml(comment.text) };
}

/** The same within an element. */
export function commentAsWritten({ id, text, at, author }: IncidentComment): object {
  return { commentId: id, username: author.name, message: text, timestamp: at, empty: false };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
