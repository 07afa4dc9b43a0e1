import type { ReactNode } from 'react';
import { piecesOf } from './safe-text.ts';

/** A text from an endpoint: the name of a file, a host, a user. */
export function ShownText({ text }: { readonly text: string }) {
  return (
    <bdi className="shown-text">
      {piecesOf(text).map((piece, index) =>
        piece.isEscaped ? (
          <span className="escaped" key={index} title="A character that cannot be shown safely">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  );
}

/** A sentence of the console's own, into which names may have come: as a text it is shown like one from an endpoint. */
export function Words({ words }: { readonly words: ReactNode }) {
  return typeof words === 'string' ? <ShownText text={words} /> : words;
}
