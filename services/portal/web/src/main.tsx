// Starts the pages.
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { LanguageProvider, useSpeech } from "./app/language.tsx";
import { router } from "./app/router.tsx";
import { SessionProvider } from "./app/session.tsx";
import { theme } from "./app/theme.ts";
import "./app/base.css";
import "./app/frame.css";

function Themed() {
  const { language } = useSpeech();
  return (
    <ConfigProvider theme={theme} locale={language === "zh" ? zhCN : enUS} button={{ autoInsertSpace: false }}>
      <AntApp>
        <SessionProvider>
          <RouterProvider router={router} />
        </SessionProvider>
      </AntApp>
    </ConfigProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <LanguageProvider>
      <Themed />
    </LanguageProvider>
  </StrictMode>,
);
