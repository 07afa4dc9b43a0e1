import type { ReactNode } from 'react';
import '../../style/incidents.css';
import '../../style/tabs.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { incidentStatusWords, severityOf, severityWords, type WholeIncident } from '../../words/incidents.ts';
import { Comments } from './comments.tsx';
import { IncidentButtons } from './incident-buttons.tsx';
import { Observed } from './observed.tsx';
import { type IncidentTab, incidentTabs } from './search.ts';
import { Timeline } from './timeline.tsx';

const route = getRouteApi('/shell/incidents/$incidentId');

/** What is known of one incident, what was done, and what the team says. */
export function IncidentPage(): ReactNode {
  const { incidentId } = route.useParams();
  const { tab = 'timeline' } = route.useSearch();
  const query = useQuery({ queryKey: ['incidents', incidentId], queryFn: () => client.readIncident(incidentId) });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link to="/incidents">Incidents</Link>
      </nav>
      <Answered query={query} what="the incident">
        {(incident) => (
          <>
            <PageHead title={incident.name}>
              <Standing incident={incident} />
              <span className="grow" />
              <IncidentButtons incident={incident} />
            </PageHead>
            {incident.hold !== null && <Hold hold={incident.hold} />}
            <section className="card">
              <IncidentFacts incident={incident} />
            </section>
            <TabLinks incident={incident} />
            <Tab incident={incident} tab={tab} />
          </>
        )}
      </Answered>
    </>
  );
}

function Standing({ incident }: { readonly incident: WholeIncident }) {
  const severity = severityWords[severityOf(incident)];
  const status = incidentStatusWords[incident.status];
  return (
    <>
      <Badge tone={severity.tone}>{severity.label}</Badge>
      <Badge tone={status.tone}>{status.label}</Badge>
    </>
  );
}

function Hold({ hold }: { readonly hold: NonNullable<WholeIncident['hold']> }) {
  return (
    <p className="banner hold" role="note">
      <strong>On legal hold</strong>: nothing that was fetched for it, or is about it, is deleted. Set by{' '}
      <ShownText text={hold.by.name} /> <Ago at={hold.at} />. Reason: <ShownText text={hold.reason} />
    </p>
  );
}

function IncidentFacts({ incident }: { readonly incident: WholeIncident }) {
  const { severity, manualSeverity, description, assignedTo, createdBy, dialect, externalId } = incident;
  return (
    <Facts
      facts={[
        ['Description', description === '' ? null : <Paragraphs key="description" text={description} />],
        [
          'Severity',
          manualSeverity === null || manualSeverity === severity
            ? null
            : `${severityWords[manualSeverity].label}, as a person judged; reported as ${severityWords[severity].label.toLowerCase()}`,
        ],
        ['Assigned to', assignedTo === null ? 'nobody' : <ShownText key="to" text={assignedTo} />],
        [
          'Opened',
          <span key="opened">
            <Moment at={incident.createdAt} /> by <ShownText text={createdBy.name} />, through the {dialect} API
          </span>,
        ],
        ['Last change', <Moment at={incident.updatedAt} key="updated" />],
        ['Resolved', incident.resolvedAt && <Moment at={incident.resolvedAt} key="resolved" />],
        [
          'Said when resolved',
          incident.resolveComment === '' ? null : <ShownText key="said" text={incident.resolveComment} />,
        ],
        ['Id', <code key="id">{incident.id}</code>],
        ['GUID', <code key="guid">{incident.guid}</code>],
        ['Elsewhere called', externalId && <ShownText key="external" text={externalId} />],
      ]}
    />
  );
}

function Paragraphs({ text }: { readonly text: string }) {
  return text.split('\n').map((line, index) => (
    <div key={index}>
      <ShownText text={line} />
    </div>
  ));
}

const tabWords: Readonly<Record<IncidentTab, string>> = {
  timeline: 'Timeline',
  observed: 'Observed',
  comments: 'Comments',
};

function TabLinks({ incident }: { readonly incident: WholeIncident }) {
  const { id, endpointIds, files, processes, comments } = incident;
  const counts: Readonly<Record<IncidentTab, number | null>> = {
    timeline: null,
    observed: endpointIds.length + files.length + processes.length,
    comments: comments.length,
  };
  return (
    <nav aria-label="About the incident" className="tabs">
      {incidentTabs.map((each) => (
        <Link
          activeOptions={{ explicitUndefined: true }}
          className="tab"
          key={each}
          params={{ incidentId: id }}
          search={{ tab: each === 'timeline' ? undefined : each }}
          to="/incidents/$incidentId"
        >
          {tabWords[each]} {counts[each] !== null && <span className="count">{counts[each]}</span>}
        </Link>
      ))}
    </nav>
  );
}

function Tab({ tab, incident }: { readonly tab: IncidentTab; readonly incident: WholeIncident }) {
  if (tab === 'observed') {
    return <Observed incident={incident} />;
  }
  return tab === 'comments' ? <Comments incident={incident} /> : <Timeline incidentId={incident.id} />;
}
