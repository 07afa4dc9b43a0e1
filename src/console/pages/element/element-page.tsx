import type { ReactNode } from 'react';
import '../../style/element.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { EventList } from '../../app/event-list.tsx';
import { useMay } from '../../app/may.ts';
import { Badge } from '../../kit/badge.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type File, fileStateWords, instantOf, kindWords } from '../../words/files.ts';
import { nameOf, presenceWords } from '../../words/presences.ts';
import { Copies } from './copies.tsx';
import { DownloadProgress } from './download.tsx';
import { ElementButtons } from './element-buttons.tsx';
import { useListing } from './listing.tsx';

const route = getRouteApi('/shell/files/$guid');
const modeDigits = 8;

/** One file on one endpoint: all that is known of it, and what can be done. */
export function ElementPage(): ReactNode {
  const { guid } = route.useParams();
  const query = useQuery({ queryKey: ['files', guid], queryFn: () => client.readFile(guid) });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link search={{}} to="/investigate">
          Investigate
        </Link>
      </nav>
      <Answered query={query} what="the file">
        {(file) => <Element file={file} key={file.guid} />}
      </Answered>
    </>
  );
}

function Element({ file }: { readonly file: File }) {
  const { endpointId, guid } = file;
  const mayReadEvents = useMay('events.read');
  const { data: endpoint } = useQuery({
    queryKey: ['endpoints', endpointId],
    queryFn: () => client.readEndpoint(endpointId),
  });
  return (
    <>
      <PageHead title="Element details">
        <Badge tone={fileStateWords[file.state].tone}>{fileStateWords[file.state].label}</Badge>
        {endpoint !== undefined && (
          <Badge tone={presenceWords[endpoint.presence].tone}>
            Endpoint {presenceWords[endpoint.presence].label.toLowerCase()}
          </Badge>
        )}
      </PageHead>
      <p className="element-path">
        <ShownText text={file.path} /> <span className="mute">on</span>{' '}
        <Link params={{ endpointId }} to="/endpoints/$endpointId">
          <ShownText text={endpoint === undefined ? endpointId : nameOf(endpoint)} />
        </Link>
      </p>
      <ElementButtons file={file} hostName={endpoint?.hostName ?? endpointId} />
      <DownloadProgress file={file} />
      <div className="columns">
        <section className="card">
          <h2>Facts</h2>
          <FileFacts file={file} />
        </section>
        <section className="card">
          <h2>History on the record</h2>
          {mayReadEvents ? (
            <EventList filter={{ file: guid }} />
          ) : (
            <p className="mute">Your role may not read the record of events.</p>
          )}
        </section>
      </div>
      <Copies file={file} />
    </>
  );
}

function FileFacts({ file }: { readonly file: File }) {
  const listing = useListing(file);
  return (
    <Facts
      facts={[
        ['Name', <ShownText key="n" text={file.name} />],
        ['Size', `${bytesText(file.size)} (${counted(file.size, 'byte')})`],
        ['Decided', listing === undefined ? null : <Decision key="list" listing={listing} />],
        ['SHA-256', <code key="2">{file.sha256}</code>],
        ['SHA-1', <code key="1">{file.sha1}</code>],
        ['MD5', <code key="5">{file.md5}</code>],
        ['Kind', kindWords[file.kind]],
        ['Package', file.package === null ? null : <ShownText key="p" text={file.package} />],
        ['Owner', <ShownText key="o" text={`${file.owner} (${file.uid}:${file.gid})`} />],
        ['Mode', <code key="m">{file.mode.toString(modeDigits).padStart(4, '0')}</code>],
        ['Modified', <Moment at={instantOf(file.modifiedNs)} key="mt" />],
        ['Changed', <Moment at={instantOf(file.changedNs)} key="ct" />],
        ['Created', file.createdNs === null ? null : <Moment at={instantOf(file.createdNs)} key="bt" />],
        ['Last reported', <Moment at={file.seenAt} key="s" />],
        ['GUID', <code key="g">{file.guid}</code>],
      ]}
    />
  );
}

function Decision({ listing }: { readonly listing: NonNullable<ReturnType<typeof useListing>> }) {
  return (
    <>
      {listing.list === 'block' ? 'Blocked' : 'Allowed'} by <ShownText text={listing.listedBy.name} />,{' '}
      <Moment at={listing.listedAt} />
      {listing.comment !== '' && (
        <>
          : <ShownText text={listing.comment} />
        </>
      )}
    </>
  );
}
