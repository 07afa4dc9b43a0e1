import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { type ActionStatus, statusWords } from '../../words/statuses.ts';
import { conditionsOf } from './conditions.ts';
import type { ActionsSearch } from './search.ts';

interface StatusCountsProps {
  readonly search: ActionsSearch;
  onChange(statuses: readonly ActionStatus[]): void;
}

const order = Object.keys(statusWords).filter((status): status is ActionStatus => status in statusWords);

/** How many actions stand how, of those that the other filters leave; each is a filter by itself. */
export function StatusCounts({ search, onChange }: StatusCountsProps) {
  const { status: chosen = [], ...others } = search;
  const { data } = useQuery({
    queryKey: ['actions', 'counts', others],
    queryFn: () => client.countActions(conditionsOf(others)),
    placeholderData: (before) => before,
  });
  const shown = order.filter((status) => chosen.includes(status) || (data?.counts[status] ?? 0) > 0);
  const toggled = (status: ActionStatus) =>
    chosen.includes(status) ? chosen.filter((each) => each !== status) : [...chosen, status];
  return (
    <fieldset className="status-counts">
      <legend className="visually-hidden">Status</legend>
      <button aria-pressed={chosen.length === 0} className="status-count" onClick={() => onChange([])} type="button">
        All <strong>{data?.total ?? '…'}</strong>
      </button>
      {shown.map((status) => (
        <button
          aria-pressed={chosen.includes(status)}
          className="status-count"
          key={status}
          onClick={() => onChange(toggled(status))}
          type="button"
        >
          <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>{' '}
          <strong>{data?.counts[status] ?? 0}</strong>
        </button>
      ))}
    </fieldset>
  );
}
