import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { z } from 'zod';
import { Empty, Failed } from '../kit/page-states.tsx';
import { actionsSearch } from '../pages/actions/search.ts';
import { endpointsSearch } from '../pages/endpoints/search.ts';
import { investigateSearch } from '../pages/investigate/search.ts';
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
    if ((await queryClient.ensureQueryData(meQuery)) === null) {
      throw redirect({ to: '/log-in', search: { to: location.href } });
    }
  },
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
});

const investigate = createRoute({
  getParentRoute: () => shell,
  path: '/investigate',
  validateSearch: investigateSearch,
  component: lazyRouteComponent(() => import('../pages/investigate/investigate-page.tsx'), 'InvestigatePage'),
});

const element = createRoute({
  getParentRoute: () => shell,
  path: '/files/$guid',
  component: lazyRouteComponent(() => import('../pages/element/element-page.tsx'), 'ElementPage'),
});

const actions = createRoute({
  getParentRoute: () => shell,
  path: '/actions',
  validateSearch: actionsSearch,
  component: lazyRouteComponent(() => import('../pages/actions/actions-page.tsx'), 'ActionsPage'),
});

const action = createRoute({
  getParentRoute: () => shell,
  path: '/actions/$actionId',
  component: lazyRouteComponent(() => import('../pages/actions/action-page.tsx'), 'ActionPage'),
});

const endpoints = createRoute({
  getParentRoute: () => shell,
  path: '/endpoints',
  validateSearch: endpointsSearch,
  component: lazyRouteComponent(() => import('../pages/endpoints/endpoints-page.tsx'), 'EndpointsPage'),
});

const endpoint = createRoute({
  getParentRoute: () => shell,
  path: '/endpoints/$endpointId',
  component: lazyRouteComponent(() => import('../pages/endpoints/endpoint-page.tsx'), 'EndpointPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    logIn,
    shell.addChildren([overview, investigate, element, actions, action, endpoints, endpoint]),
  ]),
  basepath: '/console',
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
