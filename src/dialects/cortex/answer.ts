import type { Json } from '#core/custody/event.ts';
import { pythonJson } from './python-json.ts';

/** The vendor's success envelope. */
export function reply(value: Json): Response {
  return succeed({ reply: value });
}

/** A success without the envelope; the health check alone has this form. */
export function succeed(body: Json): Response {
  return answerJson(200, withoutAlarmWords(pythonJson(body)));
}

export function answerJson(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
}

/**
 * Some connectors take an answer for a failure when its text holds one of these words anywhere, and
 * a host or a file may well be called so. One character of each is written as an escape: the same JSON, another text.
 * It is never the first, which might be the second half of an escape such as `\n`.
 */
function withoutAlarmWords(json: string): string {
  return json.replace(/(?<=in)v(?=alid)|(?<=not) (?=found)|(?<=does) (?=not exist)/gi, escaped);
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
