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
