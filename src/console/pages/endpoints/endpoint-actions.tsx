import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { actionColumns } from '../../app/action-columns.tsx';
import { client } from '../../app/client.ts';
import { DataTable } from '../../kit/data-table.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';

const shown = ['verb', 'status', 'by', 'at', 'reason'] as const;

/** What was ordered of it, the newest first. */
export function EndpointActions({ endpointId }: { readonly endpointId: string }) {
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ['actions', 'endpoint', endpointId],
    queryFn: () => client.listActions({ endpointId, limit: 500 }),
  });
  return (
    <Answered query={query} what="the actions">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="Nothing was ordered of it." />
        ) : (
          <DataTable
            columns={actionColumns}
            label="Actions of the endpoint"
            onOpen={({ id }) => void navigate({ to: '/actions/$actionId', params: { actionId: id } })}
            rowId={({ id }) => id}
            rows={items}
            shown={shown}
          />
        )
      }
    </Answered>
  );
}
