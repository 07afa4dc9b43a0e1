import { ShownText } from '../kit/shown-text.tsx';
import type { QuarantineRecord } from '../words/quarantine.ts';

const mostNamed = 100;

interface CopyListProps {
  readonly label: string;
  readonly copies: readonly QuarantineRecord[];
}

/** Copies in vaults, each by its endpoint and its path. */
export function CopyList({ label, copies }: CopyListProps) {
  return (
    <ul aria-label={label} className="plain-list scrolled" role="list">
      {copies.slice(0, mostNamed).map(({ vaultObject, hostName, endpointId, path }) => (
        <li key={vaultObject}>
          <ShownText text={hostName ?? endpointId} />: <ShownText text={path} />
        </li>
      ))}
      {copies.length > mostNamed && <li className="mute">and {copies.length - mostNamed} more</li>}
    </ul>
  );
}
