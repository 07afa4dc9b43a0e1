import { escapeHtml } from '../escape-html.ts';

/** Controls, invisible formatting (bidirectional overrides among it) and separators: what makes a page lie. */
const hostile = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text for a page, with every character of it shown: names come from endpoints. */
export function htmlText(text: string): string {
  return escapeHtml(text.replaceAll(hostile, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`));
}

export interface HtmlTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What stands there instead where there is no row. */
  readonly empty: string;
}

export function htmlTable({ head, rows, empty }: HtmlTable): string {
  if (rows.length === 0) {
    return `<p>${htmlText(empty)}</p>\n`;
  }
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${htmlText(cell)}</${tag}>`).join('')}</tr>\n`;
  const body = rows.map((cells) => line(cells, 'td')).join('');
  return `<div class="wide"><table>\n<thead>${line(head, 'th')}</thead>\n<tbody>${body}</tbody></table></div>\n`;
}
