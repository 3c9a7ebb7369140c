// The frame: name, navigation by what the posts allow, language, account, and a word when the network is gone.
import { LogoutOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { NavLink, Outlet, useLocation } from "react-router";
import { useSpeech } from "./language.tsx";
import { useOnline } from "./online.ts";
import { boardOf } from "./home.ts";
import { ReferenceProvider } from "./reference.tsx";
import { usePerson, useSession } from "./session.tsx";
import type { WordKey } from "./words/index.ts";

export function Layout() {
  const { t } = useSpeech();
  const online = useOnline();
  return (
    <ReferenceProvider>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="frame-head">
        <Brand />
        <Navigation />
        <div className="frame-tools">
          <LanguageSwitch />
          <Account />
        </div>
      </header>
      {!online && (
        <div className="frame-offline" role="status">
          {t("state.offline")}
        </div>
      )}
      <main id="content" className="frame-main" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="frame-foot">{t("time.zoneNote")}</footer>
    </ReferenceProvider>
  );
}

export function Brand() {
  const { t } = useSpeech();
  return (
    <span className="brand">
      <img src="/icon.svg" alt="" width={22} height={22} />
      <strong>{t("app.name")}</strong>
    </span>
  );
}

export function LanguageSwitch() {
  const { t, switchLanguage } = useSpeech();
  return (
    <Button type="text" size="small" onClick={switchLanguage} aria-label={t("nav.languageLabel")} data-testid="language-switch">
      {t("nav.language")}
    </Button>
  );
}

function Navigation() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const location = useLocation();
  const links: { to: string; word: WordKey; shown: boolean; under: string[] }[] = [
    { to: boardOf(permits) ?? "/", word: "nav.board", shown: permits.holds("board.read"), under: ["/board"] },
    { to: "/inbox", word: "nav.inbox", shown: permits.holds("whistle.answer") || permits.holds("whistle.arbitrate"), under: ["/inbox", "/whistle"] },
    { to: "/cases", word: "nav.cases", shown: permits.holds("case.read"), under: ["/case"] },
    { to: "/register", word: "nav.register", shown: permits.holds("case.register"), under: ["/register"] },
    { to: "/visits", word: "nav.visits", shown: permits.holds("follow_up.read"), under: ["/visits"] },
    { to: "/topics", word: "nav.topics", shown: permits.holds("topic.read"), under: ["/topics", "/agendas", "/meetings", "/procedures", "/ballots", "/resolutions", "/conversations", "/balances", "/funds", "/pools"] },
    { to: "/rooms", word: "nav.rooms", shown: permits.holds("room.take_part"), under: ["/rooms"] },
    { to: "/grants", word: "nav.grants", shown: permits.holds("grant.read"), under: ["/grants"] },
    { to: "/subscriptions", word: "nav.subscriptions", shown: permits.holds("subscription.read"), under: ["/subscriptions"] },
    { to: "/catalogue", word: "nav.catalogue", shown: permits.holds("grant.read") || permits.holds("subscription.read"), under: ["/catalogue"] },
  ];
  return (
    <nav className="frame-nav" aria-label={t("nav.main")}>
      {links
        .filter((link) => link.shown)
        .map((link) => {
          const here = link.under.some((path) => location.pathname.startsWith(path));
          return (
            <NavLink key={link.word} to={link.to} className={here ? "here" : ""} aria-current={here ? "page" : undefined}>
              {t(link.word)}
            </NavLink>
          );
        })}
    </nav>
  );
}

function Account() {
  const { t } = useSpeech();
  const { signOut } = useSession();
  const person = usePerson();
  return (
    <>
      <span className="account-name" title={person.displayName} data-testid="account-name">
        {person.displayName}
      </span>
      <Button type="text" size="small" icon={<LogoutOutlined />} onClick={() => void signOut()} aria-label={t("session.signOut")} title={t("session.signOut")} data-testid="sign-out" />
    </>
  );
}
