import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { z } from 'zod';
import { countsQuery, firstFetchQuery } from '../../app/first-steps.ts';
import { useKept } from '../../app/kept.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';

/** On the Overview, while the server has no endpoint or no fetched file, for whoever could change that. */
export function FirstStepsOffer() {
  const mayEnrol = useMay('endpoints.enrol');
  const mayFetch = useMay('files.fetch');
  const [isAway, putAway] = useKept('first-steps.away', z.boolean(), false);
  const isFor = mayEnrol && mayFetch && !isAway;
  const counts = useQuery({ ...countsQuery, enabled: isFor });
  const fetched = useQuery({ ...firstFetchQuery, enabled: isFor });
  if (!isFor || counts.data === undefined || fetched.data === undefined) {
    return null;
  }
  const { connected, disconnected, lost } = counts.data;
  if (connected + disconnected + lost > 0 && fetched.data.total > 0) {
    return null;
  }
  return (
    <section aria-label="First steps" className="card offer">
      <p>
        <strong>New here?</strong> Five steps lead from an empty server to a first file that was fetched, in a few
        minutes.
      </p>
      <div className="buttons">
        <Button onPress={() => putAway(true)}>Put away</Button>
        <Link className="button main" to="/first-steps">
          Begin the first steps
        </Link>
      </div>
    </section>
  );
}
