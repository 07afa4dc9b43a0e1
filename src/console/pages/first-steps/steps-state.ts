import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { meQuery } from '../../app/queries.ts';

/** What the server knows of the way from an empty server to a first file. Undefined: it has not answered yet, or may not say. */
export interface StepsState {
  /** Somebody has chosen their own password, or has none here. */
  readonly hasOwnPassword: boolean | undefined;
  readonly hasSecondFactor: boolean | undefined;
  readonly endpoints: number | undefined;
  /** Files that agents have reported. */
  readonly files: number | undefined;
  /** Fetches of which something came. */
  readonly fetched: number | undefined;
  readonly isDownloaded: boolean | undefined;
}

const lookAgain = 3_000;

/** @param isWatched asks every few seconds: somebody is waiting for it */
export function useStepsState(isWatched: boolean): StepsState {
  const refetchInterval = isWatched ? lookAgain : false;
  const counts = useQuery({
    queryKey: ['endpoints', 'counts'],
    queryFn: () => client.countEndpoints(),
    enabled: useMay('endpoints.read'),
    refetchInterval,
  });
  const files = useQuery({
    queryKey: ['files', 'first'],
    queryFn: () => client.findFiles({ limit: 1 }),
    enabled: useMay('files.read'),
    refetchInterval,
  });
  const fetched = useQuery({
    queryKey: ['actions', 'first-fetch'],
    queryFn: () => client.listActions({ ...someCame, limit: 1 }),
    enabled: useMay('actions.read'),
  });
  const downloads = useQuery({
    queryKey: ['events', 'first-download'],
    queryFn: () => client.listEvents({ type: ['evidence_delivered'], limit: 1 }),
    enabled: useMay('events.read'),
  });
  return {
    ...useOwnAccount(),
    endpoints: counts.data && counts.data.connected + counts.data.disconnected + counts.data.lost,
    files: files.data?.total,
    fetched: fetched.data?.total,
    isDownloaded: downloads.data && downloads.data.items.length > 0,
  };
}

/** Fetches that brought a file. */
export const someCame = {
  verb: ['fetch' as const],
  status: ['completed_successfully' as const, 'completed_partial' as const],
};

/** As the record has it: the newest of what concerns the password and the second factor of whoever is logged in. */
function useOwnAccount(): Pick<StepsState, 'hasOwnPassword' | 'hasSecondFactor'> {
  const { data: me } = useQuery(meQuery);
  const mayFollow = useMay('events.read');
  const actor = me?.name ?? '';
  const { data } = useQuery({
    queryKey: ['events', 'own-account', actor],
    queryFn: () =>
      client.listEvents({
        ...{ type: ['password_changed', 'second_factor_enabled', 'logged_in'], actor },
        ...{ direction: 'descending', limit: 100 },
      }),
    enabled: mayFollow && actor !== '',
  });
  const has = (type: string) => data?.items.some((event) => event.type === type);
  const isProviders = data?.items.some(({ type, facts }) => type === 'logged_in' && 'issuer' in facts);
  return {
    hasOwnPassword: isProviders || has('password_changed'),
    hasSecondFactor: isProviders || has('second_factor_enabled'),
  };
}
