import { useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Button } from '../kit/button.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { meQuery } from './queries.ts';

/** Stands in the place of a page that could not be drawn; what stands around it goes on. */
export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const queries = useQueryClient();
  const router = useRouter();
  const tryAgain = () => {
    // What it could not be drawn from is asked for anew; who is logged in stays.
    queries.removeQueries({ predicate: ({ queryKey: [root] }) => root !== meQuery.queryKey[0] && root !== 'code' });
    reset();
    void router.invalidate();
  };
  return (
    <div className="state failed" role="alert">
      <p className="state-title">This page could not be shown.</p>
      <p>
        What was ordered before goes its way.{' '}
        <ShownText text={error instanceof Error ? error.message : String(error)} />
      </p>
      <div className="buttons">
        <Button onPress={tryAgain}>Try again</Button>
        <Link to="/">Go to the overview</Link>
      </div>
    </div>
  );
}
