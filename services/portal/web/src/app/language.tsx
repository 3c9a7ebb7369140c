// Which language the pages speak; remembered in the browser, Chinese unless somebody chose otherwise.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { type Language, say, type Values, type WordKey } from "./words/index.ts";

const STORED = "gongzhi.language";

interface Speech {
  language: Language;
  t: (key: WordKey, values?: Values) => string;
  switchLanguage: () => void;
}

const SpeechContext = createContext<Speech | undefined>(undefined);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(remembered);

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    try {
      localStorage.setItem(STORED, language);
    } catch {
      // A browser that keeps nothing still speaks both languages.
    }
  }, [language]);

  const switchLanguage = useCallback(() => setLanguage((old) => (old === "zh" ? "en" : "zh")), []);
  const speech = useMemo<Speech>(
    () => ({ language, switchLanguage, t: (key, values) => say(language, key, values) }),
    [language, switchLanguage],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** The language and the words in it. */
export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error("useSpeech needs a LanguageProvider above it");
  return speech;
}

/** Names the page in the browser's title. */
export function usePageTitle(title: string | undefined): void {
  const { t } = useSpeech();
  const name = t("app.name");
  useEffect(() => {
    document.title = title ? `${title} · ${name}` : name;
  }, [title, name]);
}

function remembered(): Language {
  try {
    return localStorage.getItem(STORED) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}
