import '../../style/incidents.css';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useMay } from '../../app/may.ts';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Checkbox, Select } from '../../kit/fields.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import {
  type Incident,
  incidentStatuses,
  incidentStatusWords,
  isResolved,
  severities,
  severityOf,
  severityWords,
} from '../../words/incidents.ts';
import { NewIncident } from './new-incident.tsx';
import { type IncidentsSearch, statusChoices } from './search.ts';

const route = getRouteApi('/shell/incidents');

const columns: readonly Column<Incident>[] = [
  {
    ...{ id: 'name', title: 'Incident', track: 'minmax(14rem, 2fr)' },
    show: ({ name, starred }) => (
      <>
        {starred && (
          <span aria-label="Starred" className="star" role="img">
            ★
          </span>
        )}
        <ShownText text={name} />
      </>
    ),
  },
  {
    ...{ id: 'severity', title: 'Severity', track: '7rem' },
    show: (incident) => {
      const { tone, label } = severityWords[severityOf(incident)];
      return <Badge tone={tone}>{label}</Badge>;
    },
  },
  {
    ...{ id: 'status', title: 'Status', track: '13rem' },
    show: ({ status }) => <Badge tone={incidentStatusWords[status].tone}>{incidentStatusWords[status].label}</Badge>,
  },
  {
    ...{ id: 'assigned', title: 'Assigned to', track: 'minmax(8rem, 1fr)' },
    show: ({ assignedTo }) => <ShownText text={assignedTo ?? ''} />,
  },
  { id: 'id', title: 'Id', track: '10rem', show: ({ id }) => <code>{id}</code> },
  { id: 'updated', title: 'Last change', track: '9rem', show: ({ updatedAt }) => <Ago at={updatedAt} /> },
  { id: 'created', title: 'Opened', track: '12rem', show: ({ createdAt }) => <Moment at={createdAt} /> },
];

/** What the team responds to. */
export function IncidentsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/incidents' });
  const change = (more: Partial<IncidentsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['incidents', 'list', search],
    read: (page, ask) => ask.listIncidents({ ...filterOf(search), ...page }),
    rowId: ({ id }) => id,
  });
  return (
    <>
      <Head />
      <Filters onChange={change} search={search} />
      <Answered query={beginning} what="the incidents">
        {({ total }) =>
          total === 0 ? (
            <NoIncidents isFiltered={Object.values(search).some((value) => value !== undefined)} />
          ) : (
            <DataTable
              columns={columns}
              label="Incidents"
              onOpen={({ id }) => void navigate({ to: '/incidents/$incidentId', params: { incidentId: id } })}
              onView={onView}
              rowId={({ id }) => id}
              rows={rows}
            />
          )
        }
      </Answered>
    </>
  );
}

function Head() {
  const mayManage = useMay('incidents.manage');
  const [isCreating, setCreating] = useState(false);
  return (
    <PageHead title="Incidents">
      <span className="grow" />
      <Button
        look="main"
        onPress={() => setCreating(true)}
        refusal={mayManage ? undefined : 'Your role may not open incidents.'}
      >
        New incident
      </Button>
      <NewIncident isOpen={isCreating} onClose={() => setCreating(false)} />
    </PageHead>
  );
}

interface FiltersProps {
  readonly search: IncidentsSearch;
  onChange(more: Partial<IncidentsSearch>): void;
}

function Filters({ search, onChange }: FiltersProps) {
  return (
    <div className="filters">
      <Select
        choices={[
          { value: '', label: 'Any status' },
          { value: 'open', label: 'All that are open' },
          { value: 'resolved', label: 'All that are resolved' },
          ...incidentStatuses.map((value) => ({ value, label: incidentStatusWords[value].label })),
        ]}
        label="Status"
        onChange={(value) => onChange({ status: statusChoices.find((each) => each === value) })}
        value={search.status ?? ''}
      />
      <Select
        choices={[
          { value: '', label: 'Any severity' },
          ...severities.map((value) => ({ value, label: severityWords[value].label })),
        ]}
        label="Severity"
        onChange={(value) => onChange({ severity: severities.find((each) => each === value) })}
        value={search.severity ?? ''}
      />
      <Checkbox isSelected={search.starred === true} onChange={(isOn) => onChange({ starred: isOn || undefined })}>
        Only starred
      </Checkbox>
    </div>
  );
}

function filterOf({ status, severity, starred }: IncidentsSearch) {
  const statuses = incidentStatuses.filter((each) =>
    status === 'open' || status === 'resolved' ? isResolved(each) === (status === 'resolved') : each === status,
  );
  return {
    ...(status !== undefined && { status: statuses }),
    ...(severity !== undefined && { severity: [severity] }),
    ...(starred === true && { starred: 'true' as const }),
  };
}

function NoIncidents({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No incident is like that.">Change the filters above.</Empty>
  ) : (
    <Empty title="No incident is open.">
      An incident brings together what belongs together: endpoints, files, what was ordered for them, and what your team
      says of it. Detections that are reported over the API stand here, too.
    </Empty>
  );
}
