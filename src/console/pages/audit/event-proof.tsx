import { useQuery } from '@tanstack/react-query';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { Raw } from '../../kit/raw.tsx';
import { counted } from '../../words/amounts.ts';
import { readCheckpoint } from './checkpoint.ts';
import { isSameEvent } from './leaf.ts';
import { isIncluded } from './merkle.ts';

/** That an event is in the record, shown and checked here: by its hash, the proof and the checkpoint. */
export function EventProof({ event }: { readonly event: CustodyEvent }) {
  const query = useQuery({
    queryKey: ['proof', event.sequence],
    queryFn: async () => {
      const proof = await client.proveEvent(event.sequence);
      const isProven = await isIncluded(proof, readCheckpoint(proof.checkpoint));
      return { ...proof, isProven, isSame: isSameEvent(proof.leaf, event) };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section aria-label="Proof" className="event-proof">
      <h3>Proof that it is in the record</h3>
      <Answered query={query} what="the proof">
        {({ isProven, isSame, leaf, inclusion, checkpoint, size }) => (
          <>
            <p>
              {isProven && isSame ? (
                <>
                  <Badge tone="good">Proven</Badge> This browser has made the root of all {counted(size, 'event')} anew
                  from this event and {counted(inclusion.length, 'hash', 'hashes')}; it is the one in the checkpoint.
                </>
              ) : (
                <>
                  <Badge tone="bad">Not proven</Badge>{' '}
                  {isSame
                    ? 'The hashes do not lead to the root in the checkpoint.'
                    : 'What is shown above is not what stands in the record.'}{' '}
                  Run <code>custody verify</code> on the server, and keep what it says.
                </>
              )}
            </p>
            <Raw text={leaf} title="The event as it is hashed" />
            <Raw text={inclusion.join('\n')} title={`The proof: ${counted(inclusion.length, 'hash', 'hashes')}`} />
            <Raw text={checkpoint} title="The checkpoint that it leads to" />
          </>
        )}
      </Answered>
    </section>
  );
}
