/** Shown by their numbers: what moves, hides or turns other text, controls, and halves of characters. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]/u;

export interface TextPiece {
  readonly text: string;
  /** It stands for a character that cannot be shown as it is. */
  readonly isEscaped: boolean;
}

/** Names of files are chosen by whoever attacks: nothing in them may change how a page reads (promise P45). */
export function piecesOf(text: string): readonly TextPiece[] {
  if (!unsafe.test(text)) {
    return text === '' ? [] : [{ text, isEscaped: false }];
  }
  const pieces: TextPiece[] = [];
  let plain = '';
  for (const character of text) {
    if (unsafe.test(character)) {
      if (plain !== '') {
        pieces.push({ text: plain, isEscaped: false });
        plain = '';
      }
      pieces.push({ text: numberOf(character), isEscaped: true });
    } else {
      plain += character;
    }
  }
  return plain === '' ? pieces : [...pieces, { text: plain, isEscaped: false }];
}

/** The same as one text, where no mark-up can go: the label of a button, the title of a window. */
export function safeText(text: string): string {
  return piecesOf(text)
    .map((piece) => (piece.isEscaped ? `[${piece.text}]` : piece.text))
    .join('');
}

function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
