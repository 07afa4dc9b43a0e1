import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { EventList } from '../../kit/event-list.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type File, fileStateWords, instantOf } from '../../words/files.ts';
import { Download } from './download.tsx';
import { ElementButtons } from './element-buttons.tsx';

const route = getRouteApi('/shell/files/$guid');
const mostCopies = 200;
const modeDigits = 8;

/** One file on one endpoint: all that is known of it, and what can be done. */
export function ElementPage() {
  const { guid } = route.useParams();
  const query = useQuery({ queryKey: ['files', guid], queryFn: () => client.readFile(guid) });
  return (
    <Answered query={query} what="the file">
      {(file) => (
        <>
          <nav aria-label="Where this page is" className="crumbs">
            <Link search={{}} to="/investigate">
              Investigate
            </Link>
          </nav>
          <PageHead title="Element details">
            <Badge tone={fileStateWords[file.state].tone}>{fileStateWords[file.state].label}</Badge>
            <span className="grow" />
            <ElementButtons file={file} />
          </PageHead>
          <h2>
            <ShownText text={file.path} />
          </h2>
          <Download file={file} />
          <div className="columns">
            <section className="card">
              <h2>Facts</h2>
              <FileFacts file={file} />
            </section>
            <Copies file={file} />
          </div>
          <section className="card">
            <h2>What happened on its endpoint</h2>
            <EventList filter={{ endpointId: file.endpointId }} />
          </section>
        </>
      )}
    </Answered>
  );
}

function FileFacts({ file }: { readonly file: File }) {
  const { endpointId } = file;
  const { data: endpoint } = useQuery({
    queryKey: ['endpoints', endpointId],
    queryFn: () => client.readEndpoint(endpointId),
  });
  return (
    <Facts
      facts={[
        [
          'Endpoint',
          <Link key="e" params={{ endpointId }} to="/endpoints/$endpointId">
            <ShownText text={endpoint?.hostName ?? endpointId} />
          </Link>,
        ],
        ['Name', <ShownText key="n" text={file.name} />],
        ['Size', bytesText(file.size)],
        ['SHA-256', <code key="2">{file.sha256}</code>],
        ['SHA-1', <code key="1">{file.sha1}</code>],
        ['MD5', <code key="5">{file.md5}</code>],
        ['Kind', file.kind],
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

function Copies({ file: { sha256, guid } }: { readonly file: File }) {
  const query = useQuery({
    queryKey: ['files', 'copies', sha256],
    queryFn: () => client.findFiles({ conditions: [{ field: 'sha256', values: [sha256] }], limit: mostCopies }),
  });
  return (
    <section className="card">
      <h2>Other copies</h2>
      <Answered query={query} what="the copies">
        {({ items, total }) => {
          const others = items.filter((each) => each.guid !== guid);
          return others.length === 0 ? (
            <p className="mute">No other endpoint or path has these bytes.</p>
          ) : (
            <ul className="plain-list scrolled">
              {others.map((copy) => (
                <li key={copy.guid}>
                  <Badge tone={fileStateWords[copy.state].tone}>{fileStateWords[copy.state].label}</Badge>{' '}
                  <Link params={{ guid: copy.guid }} to="/files/$guid">
                    <ShownText text={copy.path} />
                  </Link>
                </li>
              ))}
              {total > mostCopies && (
                <li className="mute">and {counted(total - mostCopies, 'more copy', 'more copies')}</li>
              )}
            </ul>
          );
        }}
      </Answered>
    </section>
  );
}
