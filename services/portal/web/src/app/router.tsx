// Which address shows which page. Pages are loaded when they are first opened.
import { type ComponentType, lazy, Suspense } from "react";
import { createBrowserRouter, Navigate, Outlet, redirect, useLocation, useRouteError } from "react-router";
import { ErrorNotice, Notice } from "../components/Notice.tsx";
import { PageSkeleton } from "../components/PageSkeleton.tsx";
import { SignInPage } from "../pages/sign-in/SignInPage.tsx";
import { homeOf } from "./home.ts";
import { Layout } from "./Layout.tsx";
import { useSpeech } from "./language.tsx";
import { usePerson, useSession } from "./session.tsx";

type Loaded = Promise<{ default: ComponentType }>;

function page(load: () => Loaded) {
  const Page = lazy(load);
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Page />
    </Suspense>
  );
}

export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignInPage /> },
  { path: "/vote/:id", element: page(() => import("../pages/vote/VotePage.tsx")), errorElement: <Crashed /> },
  { path: "/conversations/:id/say", element: page(() => import("../pages/say/SayPage.tsx")), errorElement: <Crashed /> },
  { path: "/ballots/:id/record", element: page(() => import("../pages/vote/RecordPage.tsx")), errorElement: <Crashed /> },
  { path: "/funds/:id/vote", element: page(() => import("../pages/vote/FundVotePage.tsx")), errorElement: <Crashed /> },
  { path: "/funds/:id/share", element: page(() => import("../pages/vote/SharePage.tsx")), errorElement: <Crashed /> },
  { path: "/funds/:id/record", element: page(() => import("../pages/vote/FundRecordPage.tsx")), errorElement: <Crashed /> },
  { path: "/pools/:id/record", element: page(() => import("../pages/vote/DrawPage.tsx")), errorElement: <Crashed /> },
  {
    element: <SignedIn />,
    errorElement: <Crashed />,
    children: [
      {
        element: <Layout />,
        children: [
          {
            errorElement: <Crashed />,
            children: [
              { path: "/", element: <Home /> },
              { path: "/board/:area", element: page(() => import("../pages/board/BoardPage.tsx")) },
              { path: "/case/:id", element: page(() => import("../pages/case/CasePage.tsx")) },
              { path: "/whistle/:id", element: page(() => import("../pages/whistle/WhistlePage.tsx")) },
              { path: "/inbox", element: page(() => import("../pages/inbox/InboxPage.tsx")) },
              { path: "/cases", element: page(() => import("../pages/cases/CasesPage.tsx")) },
              { path: "/register", element: page(() => import("../pages/register/RegisterPage.tsx")) },
              { path: "/visits", element: page(() => import("../pages/visits/VisitsPage.tsx")) },
              { path: "/catalogue", element: page(() => import("../pages/catalogue/CataloguePage.tsx")) },
              { path: "/catalogue/:fact", element: page(() => import("../pages/catalogue/FactPage.tsx")) },
              { path: "/grants", element: page(() => import("../pages/grants/GrantsPage.tsx")) },
              { path: "/grants/new", element: page(() => import("../pages/grants/RequestPage.tsx")) },
              { path: "/grants/:id", element: page(() => import("../pages/grants/GrantPage.tsx")) },
              { path: "/subscriptions", element: page(() => import("../pages/subscriptions/SubscriptionsPage.tsx")) },
              { path: "/subscriptions/new", element: page(() => import("../pages/subscriptions/SubscribePage.tsx")) },
              { path: "/subscriptions/:id", element: page(() => import("../pages/subscriptions/SubscriptionPage.tsx")) },
              { path: "/rooms", element: page(() => import("../pages/rooms/RoomsPage.tsx")) },
              { path: "/rooms/new", element: page(() => import("../pages/rooms/OpenRoomPage.tsx")) },
              { path: "/rooms/:id", element: page(() => import("../pages/rooms/RoomPage.tsx")) },
              { path: "/topics", element: page(() => import("../pages/topics/TopicsPage.tsx")) },
              { path: "/topics/:id", element: page(() => import("../pages/topics/TopicPage.tsx")) },
              { path: "/agendas", element: page(() => import("../pages/agendas/AgendasPage.tsx")) },
              { path: "/agendas/:id", element: page(() => import("../pages/agendas/AgendaPage.tsx")) },
              { path: "/agendas/:id/convene", element: page(() => import("../pages/meetings/ConvenePage.tsx")) },
              { path: "/meetings", element: page(() => import("../pages/meetings/MeetingsPage.tsx")) },
              { path: "/meetings/:id", element: page(() => import("../pages/meetings/MeetingPage.tsx")) },
              { path: "/procedures", element: page(() => import("../pages/procedures/ProceduresPage.tsx")) },
              { path: "/procedures/:id", element: page(() => import("../pages/procedures/ProcedurePage.tsx")) },
              { path: "/ballots/:id", element: page(() => import("../pages/ballots/BallotPage.tsx")) },
              { path: "/ballots/:id/slips", element: page(() => import("../pages/ballots/SlipsPage.tsx")) },
              { path: "/funds/:id", element: page(() => import("../pages/funds/FundPage.tsx")) },
              { path: "/funds/:id/slips", element: page(() => import("../pages/funds/FundSlipsPage.tsx")) },
              { path: "/pools/:id", element: page(() => import("../pages/pools/PoolPage.tsx")) },
              { path: "/pools/:id/quotas", element: page(() => import("../pages/pools/QuotasPage.tsx")) },
              { path: "/topics/:id/pools/new", element: page(() => import("../pages/pools/OpenPoolPage.tsx")) },
              { path: "/topics/:id/adopt", element: page(() => import("../pages/resolutions/AdoptPage.tsx")) },
              { path: "/conversations/:id", element: page(() => import("../pages/conversations/ConversationPage.tsx")) },
              { path: "/conversations/:id/slips", element: page(() => import("../pages/conversations/ConversationSlipsPage.tsx")) },
              { path: "/conversations/:id/statements", element: page(() => import("../pages/conversations/StatementsPage.tsx")) },
              { path: "/topics/:id/balances/new", element: page(() => import("../pages/balances/OpenBalancePage.tsx")) },
              { path: "/balances/:id", element: page(() => import("../pages/balances/BalancePage.tsx")) },
              { path: "/resolutions", element: page(() => import("../pages/resolutions/ResolutionsPage.tsx")) },
              { path: "/resolutions/:id", element: page(() => import("../pages/resolutions/ResolutionPage.tsx")) },
              { path: "/topic/:id", loader: ({ params }) => redirect(`/topics/${params.id}`) },
              { path: "*", element: <Missing /> },
            ],
          },
        ],
      },
    ],
  },
]);

function SignedIn() {
  const { session, ask } = useSession();
  const location = useLocation();
  switch (session.state) {
    case "asking":
      return <PageSkeleton />;
    case "unreachable":
      return <ErrorNotice failure={session.failure} onRetry={ask} />;
    case "signed_out": {
      const next = encodeURIComponent(location.pathname + location.search);
      return <Navigate to={`/sign-in?next=${next}${session.expired ? "&expired=1" : ""}`} replace />;
    }
    case "signed_in":
      return <Outlet />;
  }
}

function Home() {
  const { permits } = usePerson();
  const { t } = useSpeech();
  const home = homeOf(permits);
  return home ? <Navigate to={home} replace /> : <Notice title={t("session.noPost")} />;
}

function Missing() {
  const { t } = useSpeech();
  return <Notice title={t("state.notFoundTitle")} action={{ label: t("state.home"), to: "/" }} />;
}

function Crashed() {
  const { t } = useSpeech();
  const error = useRouteError();
  const detail = error instanceof Error ? error.message : String(error);
  return <Notice title={t("state.crashed")} detail={detail} action={{ label: t("state.retry"), onClick: () => window.location.reload() }} />;
}
