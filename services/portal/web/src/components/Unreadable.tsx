// A thing that an address names and that could not be read: gone or never there, with the way to where such things are listed; or a failure.
import { Link } from "react-router";
import { useSpeech } from "../app/language.tsx";
import type { Failure } from "../rpc/failure.ts";
import { violationInWords } from "../rpc/violations.ts";
import { ErrorNotice } from "./Notice.tsx";

interface UnreadableProps {
  failure: Failure;
  onRetry: () => void;
  back: { label: string; to: string };
}

export function Unreadable({ failure, onRetry, back }: UnreadableProps) {
  const { t, language } = useSpeech();
  if (failure.kind !== "missing" && failure.kind !== "invalid" && failure.kind !== "forbidden") return <ErrorNotice failure={failure} onRetry={onRetry} />;
  return (
    <div className="notice" role="alert" data-testid="missing-notice">
      <p className="notice-title">{t("failure.missing")}</p>
      {failure.violations.map((one) => (
        <p key={one.field} className="quiet">
          {violationInWords(one.description, language)}
        </p>
      ))}
      <Link to={back.to}>{back.label}</Link>
    </div>
  );
}
