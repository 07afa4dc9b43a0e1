import '../../style/tabs.css';
import '../../style/endpoints.css';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { client } from '../../app/client.ts';
import { EventList } from '../../app/event-list.tsx';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { platformWords, scanWords } from '../../words/platforms.ts';
import { type Endpoint, nameOf } from '../../words/presences.ts';
import { Copies } from './copies.tsx';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointDialogs, type EndpointQuestion } from './endpoint-dialogs.tsx';
import { EndpointFiles } from './endpoint-files.tsx';
import { EndpointVault } from './endpoint-vault.tsx';
import { Standing, Tags } from './fleet-columns.tsx';
import { type EndpointTab, endpointTabs } from './search.ts';

const route = getRouteApi('/shell/endpoints/$endpointId');

const tabWords: Readonly<Record<EndpointTab, string>> = {
  facts: 'Facts',
  files: 'Files',
  vault: 'Vault',
  actions: 'Actions',
  record: 'Record',
};

export function EndpointPage(): ReactNode {
  const { endpointId } = route.useParams();
  const { tab = 'facts' } = route.useSearch();
  const query = useQuery({ queryKey: ['endpoints', endpointId], queryFn: () => client.readEndpoint(endpointId) });
  return (
    <Answered query={query} what="the endpoint">
      {(endpoint) => (
        <>
          <nav aria-label="Where this page is" className="crumbs">
            <Link to="/endpoints">Endpoints</Link>
          </nav>
          <PageHead title={nameOf(endpoint)}>
            <Standing endpoint={endpoint} />
            <span className="grow" />
            <EndpointButtons endpoint={endpoint} />
          </PageHead>
          {endpoint.clone !== null && <Copies clone={endpoint.clone} endpoint={endpoint} />}
          <nav aria-label="About the endpoint" className="tabs">
            {endpointTabs.map((each) => (
              <Link
                activeOptions={{ explicitUndefined: true }}
                className="tab"
                key={each}
                params={{ endpointId }}
                search={{ tab: each === 'facts' ? undefined : each }}
                to="/endpoints/$endpointId"
              >
                {tabWords[each]}
              </Link>
            ))}
          </nav>
          <Tab endpoint={endpoint} tab={tab} />
        </>
      )}
    </Answered>
  );
}

function Tab({ tab, endpoint }: { readonly tab: EndpointTab; readonly endpoint: Endpoint }) {
  const { file } = route.useSearch();
  const mayReadEvents = useMay('events.read');
  switch (tab) {
    case 'facts':
      return <EndpointFacts endpoint={endpoint} />;
    case 'files':
      return <EndpointFiles endpoint={endpoint} file={file} />;
    case 'vault':
      return <EndpointVault endpointId={endpoint.id} />;
    case 'actions':
      return <EndpointActions endpointId={endpoint.id} />;
    case 'record':
      return (
        <section className="card">
          <h2>What happened on it</h2>
          {mayReadEvents ? (
            <EventList filter={{ endpointId: endpoint.id }} />
          ) : (
            <Empty title="Your role may not read the record." />
          )}
        </section>
      );
    default:
      return null;
  }
}

function EndpointFacts({ endpoint }: { readonly endpoint: Endpoint }) {
  const list = (texts: readonly string[]) => (texts.length === 0 ? null : <ShownText text={texts.join(', ')} />);
  const { operatingSystem, operatingSystemVersion, architecture } = endpoint;
  return (
    <div className="columns">
      <section className="card">
        <h2>Machine</h2>
        <Facts
          facts={[
            ['Host name', <ShownText key="h" text={endpoint.hostName} />],
            ['Alias', endpoint.alias === '' ? null : <ShownText key="a" text={endpoint.alias} />],
            ['Domain', endpoint.domain === '' ? null : <ShownText key="d" text={endpoint.domain} />],
            ['Platform', platformWords[endpoint.platform]],
            ['System', <ShownText key="s" text={`${operatingSystem} ${operatingSystemVersion}, ${architecture}`} />],
            ['Addresses', list(endpoint.addresses)],
            ['Network cards', list(endpoint.macAddresses)],
            ['Users', list(endpoint.users)],
            ['Tags', endpoint.tags.length === 0 ? null : <Tags key="t" tags={endpoint.tags} />],
            ['Id', <code key="i">{endpoint.id}</code>],
            ['Number', <code key="n">{endpoint.number}</code>],
          ]}
        />
      </section>
      <section className="card">
        <h2>Agent</h2>
        <Facts
          facts={[
            ['Version', <ShownText key="v" text={endpoint.agentVersion} />],
            ['Connection', <Standing endpoint={endpoint} key="c" />],
            ['Last seen', <Moment at={endpoint.lastSeen} key="l" />],
            ['Enrolled', <Moment at={endpoint.enrolledAt} key="e" />],
            ['Archived', endpoint.archivedAt === null ? null : <Moment at={endpoint.archivedAt} key="p" />],
            ['Revoked', endpoint.revokedAt === null ? null : <Moment at={endpoint.revokedAt} key="r" />],
            ['Inventories', list(endpoint.roots) ?? 'No directory: it lists no files'],
            ['Last scan', scanWords[endpoint.lastScan]],
            ['May not, or noticed', list(endpoint.limitations)],
          ]}
        />
      </section>
    </div>
  );
}

type Order = 'scan' | 'logs';

/** What can be done with it: its name, its tags, its place in the fleet, and two orders to its agent. */
function EndpointButtons({ endpoint }: { readonly endpoint: Endpoint }) {
  const [question, setQuestion] = useState<EndpointQuestion>();
  const [order, setOrder] = useState<Order>();
  if (!useMay('endpoints.manage')) {
    return null;
  }
  const refusal = endpoint.revokedAt === null ? undefined : 'It is revoked: nothing can be asked of it any more.';
  const isAside = endpoint.archivedAt !== null;
  return (
    <>
      <Button onPress={() => setOrder('scan')} refusal={refusal}>
        Scan …
      </Button>
      <Button onPress={() => setOrder('logs')} refusal={refusal}>
        Its logs …
      </Button>
      <Button onPress={() => setQuestion('rename')} refusal={refusal}>
        Rename …
      </Button>
      <Button onPress={() => setQuestion('tag')} refusal={refusal}>
        Tags …
      </Button>
      <Button onPress={() => setQuestion(isAside ? 'unarchive' : 'archive')} refusal={refusal}>
        {isAside ? 'Bring back …' : 'Archive …'}
      </Button>
      <Button onPress={() => setQuestion('revoke')} refusal={refusal}>
        Revoke …
      </Button>
      <EndpointDialogs close={() => setQuestion(undefined)} endpoints={[endpoint]} question={question} />
      <OrderDialog close={() => setOrder(undefined)} endpoint={endpoint} order={order} />
    </>
  );
}

const orderWords: Readonly<Record<Order, { readonly title: string; readonly word: string; readonly text: string }>> = {
  scan: {
    title: 'Have it look at all its files anew?',
    word: 'Scan',
    text: 'Its agent goes through the directories that it inventories, and tells what it finds. Nothing is changed there.',
  },
  logs: {
    title: 'Have its agent send its own logs?',
    word: 'Fetch the logs',
    text: 'They become evidence like fetched files, and can be downloaded from the action once it has ended.',
  },
};

function OrderDialog(props: { readonly endpoint: Endpoint; readonly order: Order | undefined; close(): void }) {
  const { endpoint, order, close } = props;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { title, word, text } = orderWords[order ?? 'scan'];
  return (
    <ReasonDialog
      act={async (reason) => {
        const endpointIds = [endpoint.id];
        const { id } =
          order === 'scan'
            ? await client.startScan({ endpointIds })
            : await client.fetchLogs({ endpointIds, ...(reason !== '' && { reason }) });
        await queries.invalidateQueries({ queryKey: ['actions'] });
        tell('It is ordered; this is the action.');
        await navigate({ to: '/actions/$actionId', params: { actionId: id } });
      }}
      isOpen={order !== undefined}
      onClose={close}
      title={title}
      word={word}
    >
      <p>
        <ShownText text={nameOf(endpoint)} />: {text}
      </p>
    </ReasonDialog>
  );
}
