import '../../style/audit.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { z } from 'zod';
import { useEndpointNames } from '../../app/endpoint-names.ts';
import { findEndpoint } from '../../app/find-endpoint.ts';
import { useKept } from '../../app/kept.ts';
import { Button } from '../../kit/button.tsx';
import { DataTable } from '../../kit/data-table.tsx';
import { LayoutMenu } from '../../kit/layout-menu.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { auditColumnIds, auditColumns, usualAuditColumns } from './audit-columns.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { EventDialog } from './event-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { LedgerState } from './ledger-state.tsx';
import { type AuditSearch, eventFilterOf } from './search.ts';
import { useRecord } from './use-record.ts';

const route = getRouteApi('/shell/audit');
const layoutSchema = z.array(z.enum(auditColumnIds)).min(1);

/** The record of everything that happened, and whether it can be believed. */
export function AuditPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/audit' });
  const change = (more: Partial<AuditSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const endpoint = useQuery({
    queryKey: ['endpoints', 'called', search.endpoint],
    queryFn: () => findEndpoint(search.endpoint ?? ''),
    enabled: search.endpoint !== undefined,
  });
  const isNamed = search.endpoint === undefined || endpoint.data !== undefined;
  const { event: _, ...filters } = search;
  const filter = eventFilterOf(filters, search.endpoint === undefined ? undefined : endpoint.data?.id);
  return (
    <>
      <Head filter={filter} />
      <LedgerState />
      <AuditFilters onChange={change} search={search} />
      {!isNamed && endpoint.error !== null ? (
        <Empty title={endpoint.error.message} />
      ) : (
        <Record filter={filter} isNamed={isNamed} onGo={(event) => change({ event })} open={search.event} />
      )}
    </>
  );
}

function Head({ filter }: { readonly filter: ReturnType<typeof eventFilterOf> }) {
  const [isExporting, setExporting] = useState(false);
  return (
    <PageHead title="Audit">
      <span className="grow" />
      <Button onPress={() => setExporting(true)}>Export</Button>
      <ExportDialog filter={filter} isOpen={isExporting} onClose={() => setExporting(false)} />
    </PageHead>
  );
}

interface RecordProps {
  readonly filter: ReturnType<typeof eventFilterOf>;
  readonly isNamed: boolean;
  readonly open: number | undefined;
  onGo(event: number | undefined): void;
}

function Record({ filter, isNamed, open, onGo }: RecordProps) {
  const [shown, keepShown] = useKept<readonly string[]>('audit.columns', layoutSchema, usualAuditColumns);
  const { older, rows } = useRecord(filter, isNamed);
  const ids = useMemo(
    () => rows.flatMap(({ endpointId, actor }) => [endpointId, actor.kind === 'agent' ? actor.id : null]),
    [rows],
  );
  const names = useEndpointNames(ids);
  const columns = useMemo(() => auditColumns(names), [names]);
  return (
    <>
      <Answered query={older} what="the record">
        {() =>
          rows.length === 0 ? (
            <Empty title="Nothing on record is like that.">Change the filters above.</Empty>
          ) : (
            <>
              <div className="audit-tools">
                <span className="mute">
                  {older.hasNextPage
                    ? `The newest ${rows.length} are loaded; more come as you scroll.`
                    : `${rows.length} events`}
                </span>
                <LayoutMenu columns={columns} onChange={keepShown} shown={shown} usual={usualAuditColumns} />
              </div>
              <DataTable
                columns={columns}
                label="Events"
                onEnd={() => void (older.isFetchingNextPage || older.fetchNextPage())}
                onOpen={({ sequence }) => onGo(sequence)}
                rowId={({ sequence }) => String(sequence)}
                rows={rows}
                shown={shown}
                total={older.hasNextPage ? rows.length + 1 : rows.length}
              />
            </>
          )
        }
      </Answered>
      {open !== undefined && <EventDialog names={names} onGo={onGo} sequence={open} />}
    </>
  );
}
