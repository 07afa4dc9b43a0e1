import type { Json } from '#core/custody/event.ts';
import { pythonJson } from './python-json.ts';

/** The vendor's success envelope. */
export function reply(value: Json): Response {
  return succeed({ reply: value });
}

/**
 * As `reply`, of a list that may be long, in parts. The first part is there before the answer begins, so that a fault then still is an
 * answer; one that comes later cuts the body off, which no client takes for a whole list.
 */
export async function replyList(parts: AsyncGenerator<readonly Json[], undefined>): Promise<Response> {
  const { value: first } = await parts.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`{"reply": [${itemsText(first ?? [])}`));
    },
    async pull(controller) {
      const { value: items, done } = await parts.next();
      if (done === true) {
        controller.enqueue(encoder.encode(']}'));
        controller.close();
      } else {
        controller.enqueue(encoder.encode(items.map((item) => `, ${itemsText([item])}`).join('')));
      }
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
  return answerJson(200, body);
}

function itemsText(items: readonly Json[]): string {
  return withoutAlarmWords(items.map(pythonJson).join(', '));
}

/** A success without the envelope; the health check alone has this form. */
export function succeed(body: Json): Response {
  return answerJson(200, withoutAlarmWords(pythonJson(body)));
}

export function answerJson(status: number, body: string | ReadableStream<Uint8Array>): Response {
  return new Response(body, {
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
