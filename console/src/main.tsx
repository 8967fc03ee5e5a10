import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.ts';
import { AccountPage } from './pages/account.tsx';
import { ChangesPage } from './pages/changes/changes.tsx';
import { ConversationPage } from './pages/asks/conversation.tsx';
import { AsksPage } from './pages/asks/list.tsx';
import { ClaimPage } from './pages/claim.tsx';
import { CallersPage } from './pages/edge/callers.tsx';
import { CallsPage } from './pages/edge/calls.tsx';
import { EdgePage } from './pages/edge/edge.tsx';
import { TrafficPage } from './pages/edge/traffic.tsx';
import { FeedsPage } from './pages/feeds/feeds.tsx';
import { LoadPage } from './pages/feeds/load.tsx';
import { HomePage } from './pages/home.tsx';
import { NewsPage } from './pages/news.tsx';
import { PlatformPage } from './pages/platform/platform.tsx';
import { QuestionPage } from './pages/question.tsx';
import { ResponsibilitiesPage } from './pages/responsibilities.tsx';
import { ShopPage } from './pages/shop.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { ThirdPartiesPage } from './pages/third-parties/list.tsx';
import { VendorPage } from './pages/third-parties/vendor.tsx';
import './style.css';

const root = createRootRoute({ component: Outlet });
const routes = root.addChildren([
  createRoute({ getParentRoute: () => root, path: '/', component: HomePage }),
  createRoute({ getParentRoute: () => root, path: '/claim', component: ClaimPage }),
  createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignInPage }),
  createRoute({ getParentRoute: () => root, path: '/account', component: AccountPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/shops/$shop',
    component: ShopPage,
    validateSearch: (search: Record<string, unknown>): { look?: string } =>
      typeof search['look'] === 'string' ? { look: search['look'] } : {},
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/shops/$shop/questions/$question',
    component: QuestionPage,
  }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/asks', component: AsksPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/asks/$ask', component: ConversationPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/shops/$shop/third-parties',
    component: ThirdPartiesPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/shops/$shop/third-parties/$vendor',
    component: VendorPage,
  }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/news', component: NewsPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/platform', component: PlatformPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/feeds', component: FeedsPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/feeds/loads/$load', component: LoadPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/edge', component: EdgePage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/edge/callers', component: CallersPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/edge/traffic', component: TrafficPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/edge/calls', component: CallsPage }),
  createRoute({ getParentRoute: () => root, path: '/shops/$shop/changes', component: ChangesPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/shops/$shop/responsibilities',
    component: ResponsibilitiesPage,
  }),
]);
const router = createRouter({ routeTree: routes });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the API refused stays refused; only a lost connection is worth another try.
      retry: (count, error) =>
        count < 2 && !(error instanceof ApiError && error.code !== 'console/unreachable'),
    },
  },
});

const place = document.getElementById('root');
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
