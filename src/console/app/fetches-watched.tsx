import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { tell } from '../kit/notices.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { type ActionDetails, outcomeWords } from '../words/outcomes.ts';
import { isOpen } from '../words/statuses.ts';
import { client } from './client.ts';
import { noteTold, type OrderedFetch, useFetches } from './fetches.ts';
import { meQuery } from './queries.ts';
import { isRefused, untilEnded } from './until-ended.ts';

const lookAgain = 1_500;

export function fetchQuery(actionId: string) {
  return {
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
    refetchInterval: untilEnded(lookAgain, ({ status }: ActionDetails) => !isOpen(status)),
  };
}

/** Follows what is on its way, on whichever page one is, and tells when it is here, or why it is not. */
export function FetchesWatched() {
  const fetches = useFetches();
  const { data: me } = useQuery(meQuery);
  // Nobody who is not logged in is told; whoever is again, by whatever tab, is.
  if (me === null) {
    return null;
  }
  return fetches
    .filter(({ isTold }) => !isTold)
    .map((ordered) => <FetchWatched key={ordered.actionId} ordered={ordered} />);
}

function FetchWatched({ ordered: { actionId, guid, path } }: { readonly ordered: OrderedFetch }) {
  const { data, error } = useQuery(fetchQuery(actionId));
  useEffect(() => {
    if (isRefused(error) && error.status !== 401) {
      noteTold(actionId);
      tell(
        <>
          What became of <ShownText text={path} /> cannot be seen any more. {error.message}
        </>,
        'bad',
      );
    }
  }, [error, actionId, path]);
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
