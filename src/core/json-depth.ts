import { Fault } from './fault.ts';

/** No request of any client nests a tenth as deep. */
const deepest = 100;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Looks how deep lists and objects are in each other before anything is made of them: ten million brackets would hold the whole
 * process for a second. Whether it is JSON at all is not looked at.
 * @throws Fault `invalid_json`: a parser may limit how deep it reads (RFC 8259, section 9).
 */
export function demandShallowJson(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = endOfText(text, at + 1);
    } else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > deepest) {
        throw new Fault('invalid_json', `The body has lists or objects in more than ${deepest} others.`, {
          details: { limit: deepest },
        });
      }
    } else if (unit === 0x5d || unit === 0x7d) {
      depth -= 1;
    }
  }
}

/** Where a text ends that began before `from`: at its closing quote, or with everything. */
function endOfText(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1 && isEscaped(text, end, from)) {
    end = text.indexOf('"', end + 1);
  }
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number, from: number): boolean {
  let first = at;
  while (first > from && text.charCodeAt(first - 1) === backslash) {
    first -= 1;
  }
  return (at - first) % 2 === 1;
}
