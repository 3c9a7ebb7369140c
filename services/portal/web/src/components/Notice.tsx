// States in which there is nothing to show: an explanation in words and, where one exists, a way on.
import { Alert, Button } from "antd";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useSpeech } from "../app/language.tsx";
import { useSession } from "../app/session.tsx";
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
  useExpiry(failure);
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
  useExpiry(failure);
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

function useExpiry(failure: Failure): void {
  const { expire } = useSession();
  useEffect(() => {
    if (failure.kind === "signed_out") expire();
  }, [failure, expire]);
}
