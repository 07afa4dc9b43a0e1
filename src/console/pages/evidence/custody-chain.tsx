import { queryOptions, useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Moment } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import type { Evidence, EvidenceSource } from '../../words/evidence.ts';
import { chainEvents, type HandOver, handOversOf, knownHandOvers } from './hand-overs.ts';

interface ChainProps {
  readonly evidence: Evidence;
  readonly source: EvidenceSource;
}

const actionQuery = (actionId: string) =>
  queryOptions({ queryKey: ['actions', actionId], queryFn: () => client.readAction(actionId) });

/** Through whose hands the bytes went, from the order to whoever took them, in the order in which it happened. */
export function CustodyChain(props: ChainProps) {
  const mayRead = useMay('events.read');
  return (
    <section aria-labelledby="chain" className="card">
      <h2 id="chain">Chain of custody</h2>
      {mayRead ? <RecordedChain {...props} /> : <KnownChain {...props} />}
    </section>
  );
}

function RecordedChain({ evidence, source }: ChainProps) {
  const { actionId, endpointId, taskId, ordinal } = source;
  const query = useQuery({
    queryKey: ['events', 'chain', actionId, endpointId],
    queryFn: () => chainEvents(client, { actionId, endpointId }),
  });
  const { data: action } = useQuery(actionQuery(actionId));
  return (
    <Answered query={query} what="the chain of custody">
      {(events) => (
        <Line handOvers={handOversOf({ events, action }, { evidence, source })} key={`${taskId} ${ordinal}`} />
      )}
    </Answered>
  );
}

/** For who may not read the record: what the action itself tells. */
function KnownChain({ evidence, source }: ChainProps) {
  const { actionId } = source;
  const query = useQuery(actionQuery(actionId));
  return (
    <Answered query={query} what="the chain of custody">
      {(action) => (
        <>
          <p className="mute">
            Your role may not read the record of events: this is what the action tells. Who looked at the file or took
            it is not in it.
          </p>
          <Line handOvers={knownHandOvers(action, { evidence, source })} />
        </>
      )}
    </Answered>
  );
}

function Line({ handOvers }: { readonly handOvers: readonly HandOver[] }) {
  return (
    <ol className="chain">
      {handOvers.map(({ id, at, what, who, detail, sequence, hasBytes }) => (
        <li className={hasBytes ? 'has-bytes' : ''} key={id}>
          <p className="chain-what">
            <strong>{what}</strong> <ShownText text={who} />
          </p>
          {detail !== '' && (
            <p>
              <ShownText text={detail} />
            </p>
          )}
          <p className="mute">
            <Moment at={at} />
            {sequence !== null && ` · event ${sequence}`}
          </p>
        </li>
      ))}
    </ol>
  );
}
