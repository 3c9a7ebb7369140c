// States in which there is nothing to show: an explanation in words and, where one exists, a way on.
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useSpeech } from "../app/language.tsx";
import type { Failure } from "../rpc/failure.ts";
import { inWords } from "../rpc/reasons.ts";

type NoticeAction = { label: string } & ({ to: string } | { onClick: () => void });

export function Notice({ title, detail, action }: { title: string; detail?: ReactNode; action?: NoticeAction }) {
  return (
    <div className="notice" role="status">
      <p className="notice-title">{title}</p>
      {detail && <p className="quiet">{detail}</p>}
      {action &&
        ("to" in action ? (
          <Link className="ant-link" to={action.to}>
            {action.label}
          </Link>
        ) : (
          <Button onClick={action.onClick}>{action.label}</Button>
        ))}
    </div>
  );
}

/** A whole page or panel that could not be read. */
export function ErrorNotice({ failure, onRetry, title }: { failure: Failure; onRetry?: () => void; title?: string }) {
  const { language, t } = useSpeech();
  const words = inWords(failure, language);
  return (
    <div className="notice" role="alert" data-testid="error-notice">
      <p className="notice-title">{title ?? words}</p>
      {title && <p>{words}</p>}
      {failure.reason && <p className="quiet code">{failure.reason}</p>}
      {onRetry && <Button onClick={onRetry}>{t("state.retry")}</Button>}
    </div>
  );
}

/** A failure above content that is still worth showing. */
export function FailureLine({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const { language, t } = useSpeech();
  return (
    <Alert
      type="error"
      showIcon
      title={inWords(failure, language)}
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            {t("state.retry")}
          </Button>
        )
      }
    />
  );
}

export function EmptyNote({ children }: { children: ReactNode }) {
  return <p className="empty-note">{children}</p>;
}

/** Says that what is shown could not be refreshed. Without a network the frame says so already. */
export function StaleLine({ failure }: { failure: Failure | undefined }) {
  const { language, t } = useSpeech();
  if (!failure || failure.kind === "offline") return null;
  return (
    <p className="stale-line" role="status">
      <strong>{inWords(failure, language)}</strong> {t("state.stale")}
    </p>
  );
}
