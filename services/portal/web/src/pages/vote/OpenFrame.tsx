// The frame of pages that anybody may open without signing in.
import type { ReactNode } from "react";
import { useSpeech } from "../../app/language.tsx";
import { Brand, LanguageSwitch } from "../../app/Layout.tsx";
import "../ballots/ballots.css";

export function OpenFrame({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  const { t } = useSpeech();
  return (
    <div className={wide ? "open-frame wide" : "open-frame"}>
      <header className="open-head">
        <Brand />
        <LanguageSwitch />
      </header>
      <main className="stack">{children}</main>
      <footer className="quiet">{t("time.zoneNote")}</footer>
    </div>
  );
}
