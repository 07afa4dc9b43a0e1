import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { countsQuery, firstFetchQuery } from '../../app/first-steps.ts';
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
  /** The newest fetch of which something came; null: there is none. */
  readonly fetched: { readonly id: string } | null | undefined;
  readonly isDownloaded: boolean | undefined;
}

const lookAgain = 3_000;

/** Asked for again and again, since somebody waits for it, also where they may not follow events. */
export function useStepsState(): StepsState {
  const counts = useQuery({ ...countsQuery, enabled: useMay('endpoints.read'), refetchInterval: lookAgain });
  const files = useQuery({
    queryKey: ['files', 'first'],
    queryFn: () => client.findFiles({ limit: 1 }),
    enabled: useMay('files.read'),
    refetchInterval: lookAgain,
  });
  const fetched = useQuery({ ...firstFetchQuery, enabled: useMay('actions.read'), refetchInterval: lookAgain });
  const downloads = useQuery({
    queryKey: ['events', 'first-download'],
    queryFn: () => client.listEvents({ type: ['evidence_delivered'], limit: 1 }),
    enabled: useMay('events.read'),
    refetchInterval: lookAgain,
  });
  return {
    ...useOwnAccount(),
    endpoints: counts.data && counts.data.connected + counts.data.disconnected + counts.data.lost,
    files: files.data?.total,
    fetched: fetched.data && (fetched.data.items[0] ?? null),
    isDownloaded: downloads.data && downloads.data.items.length > 0,
  };
}

/** Who chose the password stands in the record only; somebody of an identity provider has none here. */
function useOwnAccount(): Pick<StepsState, 'hasOwnPassword' | 'hasSecondFactor'> {
  const { data: me } = useQuery(meQuery);
  const mayFollow = useMay('events.read');
  const account = me?.account;
  const actor = me?.name ?? '';
  const { data } = useQuery({
    queryKey: ['events', 'own-password', actor],
    queryFn: () => client.listEvents({ type: ['password_changed'], actor, limit: 1 }),
    enabled: mayFollow && account?.hasPassword === true,
  });
  return {
    hasOwnPassword: account?.hasPassword === false || (data && data.items.length > 0),
    hasSecondFactor: account?.hasPassword === false || account?.hasSecondFactor,
  };
}
