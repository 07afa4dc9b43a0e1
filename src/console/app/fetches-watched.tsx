import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { tell } from '../kit/notices.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { outcomeWords } from '../words/outcomes.ts';
import { isOpen } from '../words/statuses.ts';
import { client } from './client.ts';
import { noteTold, type OrderedFetch, useFetches } from './fetches.ts';

const lookAgain = 1_500;

export function fetchQuery(actionId: string) {
  return {
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
  };
}

/** Follows what is on its way, on whichever page one is, and tells when it is here, or why it is not. */
export function FetchesWatched() {
  const fetches = useFetches();
  return fetches
    .filter(({ isTold }) => !isTold)
    .map((ordered) => <FetchWatched key={ordered.actionId} ordered={ordered} />);
}

function FetchWatched({ ordered: { actionId, guid, path } }: { readonly ordered: OrderedFetch }) {
  const { data } = useQuery({
    ...fetchQuery(actionId),
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data.status) ? lookAgain : false),
  });
  useEffect(() => {
    if (data === undefined || isOpen(data.status)) {
      return;
    }
    noteTold(actionId);
    const [outcome] = data.tasks[0]?.files ?? [];
    const isHere = outcome?.outcome === 'done';
    const why = outcome === undefined ? 'Nothing came.' : `${outcomeWords[outcome.outcome].label}. ${outcome.message}`;
    tell(
      <>
        <ShownText text={path} />{' '}
        {isHere ? (
          'is here and can be saved.'
        ) : (
          <>
            did not come. <ShownText text={why} />
          </>
        )}
      </>,
      isHere ? 'good' : 'bad',
      (putAway) => (
        <Link onClick={putAway} params={{ guid }} to="/files/$guid">
          {isHere ? 'Go and save it' : 'Go to the file'}
        </Link>
      ),
    );
  }, [data, actionId, guid, path]);
  return null;
}
