import { ShownText } from './shown-text.tsx';

interface RawProps {
  /** On what unfolds it. */
  readonly title: string;
  readonly text: string;
}

/** What stands behind the words, to be unfolded by whoever wants it exactly. */
export function Raw({ title, text }: RawProps) {
  return (
    <details>
      <summary>{title}</summary>
      <pre aria-label={title} role="region" tabIndex={0}>
        {text.split('\n').map((line, index) => (
          <span key={index}>
            <ShownText text={line} />
            {'\n'}
          </span>
        ))}
      </pre>
    </details>
  );
}
