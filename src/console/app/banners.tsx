import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { serverQuery } from './queries.ts';
import { useReach } from './reach.ts';

const lookAgain = 2_000;
const usually = 15_000;

/** What everybody must know, on whichever page. */
export function Banners({ isLoggedIn }: { readonly isLoggedIn: boolean }) {
  const isReached = useReach();
  const { data: server } = useQuery({
    ...serverQuery,
    enabled: isLoggedIn,
    refetchInterval: isReached ? usually : lookAgain,
  });
  useAskedAnew(isReached);
  return (
    <>
      {!isReached && (
        <p className="banner bad" role="alert">
          The server cannot be reached. What you see is as it was before; what you have typed stays. It is looked for
          every few seconds, and nothing can be ordered meanwhile.
        </p>
      )}
      {!isLoggedIn && <LoggedOut />}
      {server?.emergencyStop && (
        <p className="banner bad" role="alert">
          The emergency stop is engaged by {server.emergencyStop.by.name}: nothing is fetched, quarantined or deleted.
          Restores go on. Reason: {server.emergencyStop.reason}
        </p>
      )}
      {server !== undefined && server.evidence.state !== 'ready' && server.evidence.state !== 'off' && (
        <p className="banner bad" role="alert">
          Fetched files cannot be stored now: {server.evidence.message}
        </p>
      )}
    </>
  );
}

/** What happened while the server was away was told to nobody. */
function useAskedAnew(isReached: boolean): void {
  const queries = useQueryClient();
  const wasReached = useRef(isReached);
  useEffect(() => {
    if (isReached && !wasReached.current) {
      void queries.invalidateQueries();
    }
    wasReached.current = isReached;
  }, [isReached, queries]);
}

function LoggedOut() {
  const { href } = useLocation();
  return (
    <p className="banner bad" role="alert">
      Your session has ended.{' '}
      <Link search={{ to: href }} to="/log-in">
        Log in again
      </Link>
      , or do so in another tab of this browser: what you have typed here stays then.
    </p>
  );
}
