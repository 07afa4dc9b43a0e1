import { Badge } from '../../kit/badge.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { ActionDetails } from '../../words/outcomes.ts';
import { ringWords } from '../../words/rollouts.ts';

type Rollout = NonNullable<ActionDetails['rollout']>;

/** How far a wide order is, ring by ring, and why it halted. */
export function Rings({ rollout }: { readonly rollout: Rollout }) {
  return (
    <section className="card">
      <h2>Ring by ring</h2>
      {rollout.halt !== null && (
        <p className="banner bad" role="alert">
          <ShownText text={rollout.halt.message} />
        </p>
      )}
      <ol className="rings">
        {rollout.rings.map(({ ring, upTo, state, size, ended, failed, silent }) => (
          <li key={ring}>
            <Badge tone={ringWords[state].tone}>{ringWords[state].label}</Badge>{' '}
            {upTo === null ? 'All others' : `Up to ${counted(upTo, 'endpoint')}`}
            <span className="mute">
              {' '}
              {counted(size, 'endpoint')}, {ended} ended, {failed} failed, {silent} silent
            </span>
          </li>
        ))}
      </ol>
      {rollout.heldBack > 0 && <p className="mute">{counted(rollout.heldBack, 'endpoint')} held back.</p>}
    </section>
  );
}
