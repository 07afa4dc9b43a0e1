import { createRootRoute, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { z } from 'zod';
import { Empty, Failed } from '../kit/page-states.tsx';
import { actionSearch, actionsSearch } from '../pages/actions/search.ts';
import { auditSearch } from '../pages/audit/search.ts';
import { endpointSearch, endpointsSearch } from '../pages/endpoints/search.ts';
import { evidenceFileSearch, evidenceSearch } from '../pages/evidence/search.ts';
import { incidentSearch, incidentsSearch } from '../pages/incidents/search.ts';
import { investigateSearch } from '../pages/investigate/search.ts';
import { contentSearch, newQuarantineSearch, planSearch, quarantineSearch } from '../pages/quarantine/search.ts';
import { settingsSearch } from '../pages/settings/search.ts';
import { BrokenPage } from './broken-page.tsx';
import { keepFetchesOf } from './fetches.ts';
import { lazyPage } from './lazy-page.tsx';
import { LogInPage } from './log-in.tsx';
import { meQuery, queryClient } from './queries.ts';
import { Shell } from './shell.tsx';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <Empty title="There is no such page.">It may have been moved; the pages are on the left.</Empty>
  ),
});

/** A path of the console itself, so that nobody is sent elsewhere after a log-in. */
const inside = z
  .string()
  .regex(/^\/(?![/\\])/)
  .catch('/');

const logIn = createRoute({
  getParentRoute: () => root,
  path: '/log-in',
  validateSearch: z.object({ to: inside.default('/') }),
  component: LogInPage,
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: ({ error, reset }) => (
    <Failed again={reset} failure={error instanceof Error ? error : new Error(String(error))} what="this page" />
  ),
  async beforeLoad({ location }) {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me === null) {
      throw redirect({ to: '/log-in', search: { to: location.href } });
    }
    keepFetchesOf(me.id);
  },
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyPage(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
});

const investigate = createRoute({
  getParentRoute: () => shell,
  path: '/investigate',
  validateSearch: investigateSearch,
  component: lazyPage(() => import('../pages/investigate/investigate-page.tsx'), 'InvestigatePage'),
});

const element = createRoute({
  getParentRoute: () => shell,
  path: '/files/$guid',
  component: lazyPage(() => import('../pages/element/element-page.tsx'), 'ElementPage'),
});

const actions = createRoute({
  getParentRoute: () => shell,
  path: '/actions',
  validateSearch: actionsSearch,
  component: lazyPage(() => import('../pages/actions/actions-page.tsx'), 'ActionsPage'),
});

const action = createRoute({
  getParentRoute: () => shell,
  path: '/actions/$actionId',
  validateSearch: actionSearch,
  component: lazyPage(() => import('../pages/actions/action-page.tsx'), 'ActionPage'),
});

const endpoints = createRoute({
  getParentRoute: () => shell,
  path: '/endpoints',
  validateSearch: endpointsSearch,
  component: lazyPage(() => import('../pages/endpoints/endpoints-page.tsx'), 'EndpointsPage'),
});

const endpoint = createRoute({
  getParentRoute: () => shell,
  path: '/endpoints/$endpointId',
  validateSearch: endpointSearch,
  component: lazyPage(() => import('../pages/endpoints/endpoint-page.tsx'), 'EndpointPage'),
});

const quarantine = createRoute({
  getParentRoute: () => shell,
  path: '/quarantine',
  validateSearch: quarantineSearch,
  component: lazyPage(() => import('../pages/quarantine/quarantine-page.tsx'), 'QuarantinePage'),
});

const newQuarantine = createRoute({
  getParentRoute: () => shell,
  path: '/quarantine/new',
  validateSearch: newQuarantineSearch,
  component: lazyPage(() => import('../pages/quarantine/new-quarantine-page.tsx'), 'NewQuarantinePage'),
});

const quarantinedContent = createRoute({
  getParentRoute: () => shell,
  path: '/quarantine/$sha256',
  validateSearch: contentSearch,
  component: lazyPage(() => import('../pages/quarantine/content-page.tsx'), 'ContentPage'),
});

const restorePlan = createRoute({
  getParentRoute: () => shell,
  path: '/quarantine/plans/$actionId',
  validateSearch: planSearch,
  component: lazyPage(() => import('../pages/quarantine/restore-plan-page.tsx'), 'RestorePlanPage'),
});

const incidents = createRoute({
  getParentRoute: () => shell,
  path: '/incidents',
  validateSearch: incidentsSearch,
  component: lazyPage(() => import('../pages/incidents/incidents-page.tsx'), 'IncidentsPage'),
});

const incident = createRoute({
  getParentRoute: () => shell,
  path: '/incidents/$incidentId',
  validateSearch: incidentSearch,
  component: lazyPage(() => import('../pages/incidents/incident-page.tsx'), 'IncidentPage'),
});

const evidence = createRoute({
  getParentRoute: () => shell,
  path: '/evidence',
  validateSearch: evidenceSearch,
  component: lazyPage(() => import('../pages/evidence/evidence-page.tsx'), 'EvidencePage'),
});

const evidenceFile = createRoute({
  getParentRoute: () => shell,
  path: '/evidence/$sha256',
  validateSearch: evidenceFileSearch,
  component: lazyPage(() => import('../pages/evidence/evidence-file-page.tsx'), 'EvidenceFilePage'),
});

const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  component: lazyPage(() => import('../pages/approvals/approvals-page.tsx'), 'ApprovalsPage'),
});

const approval = createRoute({
  getParentRoute: () => shell,
  path: '/approvals/$actionId',
  component: lazyPage(() => import('../pages/approvals/approval-page.tsx'), 'ApprovalPage'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyPage(() => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings/$section',
  validateSearch: settingsSearch,
  component: lazyPage(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
});

const settingsIndex = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  beforeLoad() {
    throw redirect({ to: '/settings/$section', params: { section: 'account' } });
  },
});

const firstSteps = createRoute({
  getParentRoute: () => shell,
  path: '/first-steps',
  component: lazyPage(() => import('../pages/first-steps/first-steps-page.tsx'), 'FirstStepsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    logIn,
    shell.addChildren([
      overview,
      investigate,
      element,
      actions,
      action,
      endpoints,
      endpoint,
      quarantine,
      newQuarantine,
      quarantinedContent,
      restorePlan,
      incidents,
      incident,
      evidence,
      evidenceFile,
      approvals,
      approval,
      audit,
      settings,
      settingsIndex,
      firstSteps,
    ]),
  ]),
  basepath: '/console',
  defaultPreload: 'intent',
  defaultErrorComponent: BrokenPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
