import '../style/copied.css';
import { Button } from './button.tsx';
import { tell } from './notices.tsx';

interface CopiedProps {
  /** What it is, for whoever cannot see it: "Commands for Linux". */
  readonly label: string;
  readonly text: string;
}

/** Text to be taken somewhere else, as it is. */
export function Copied({ label, text }: CopiedProps) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      tell(`${label}: copied.`);
    } catch {
      tell('This browser does not let the page copy: choose the text, and copy it yourself.', 'bad');
    }
  };
  return (
    <figure className="copied">
      <figcaption>
        <span>{label}</span>
        <Button aria-label={`Copy: ${label}`} onPress={() => void copy()}>
          Copy
        </Button>
      </figcaption>
      <pre aria-label={label} role="region" tabIndex={0}>
        {text}
      </pre>
    </figure>
  );
}
