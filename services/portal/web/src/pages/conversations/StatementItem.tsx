// A statement under moderation: what it says, where it stands, and the verdicts that it may get.
import { Button } from "antd";
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { REJECTIONS, rejectionWord, statementStatusTone, statementStatusWord } from "../../format/opinions.ts";
import { RejectionReason, type Statement, StatementStatus } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import type { OnVerdict } from "./useModeration.ts";

interface StatementItemProps {
  statement: Statement;
  current: boolean;
  rejecting: boolean;
  onRejecting: (on: boolean) => void;
  onVerdict: OnVerdict;
}

export function StatementItem({ statement, current, rejecting, onRejecting, onVerdict }: StatementItemProps) {
  const { t } = useSpeech();
  const rejected = statement.status === StatementStatus.REJECTED;
  return (
    <li className="panel" aria-current={current} data-testid={`statement-${statement.number}`} data-status={StatementStatus[statement.status].toLowerCase()}>
      <p className="row">
        <span className="quiet">{t("say.statement", { n: statement.number })}</span>
        <Mark tone={statementStatusTone[statement.status]}>{t(statementStatusWord[statement.status])}</Mark>
        {rejected && <span>{t(rejectionWord[statement.rejectionReason])}</span>}
        {statement.seed && <span className="quiet">{t("say.seed")}</span>}
      </p>
      <p className="moderation-text">{statement.text}</p>
      {rejecting ? (
        <div className="moderation-reasons" role="group" aria-label={t("moderation.rejectFor")}>
          <span className="quiet">{t("moderation.rejectFor")}</span>
          {REJECTIONS.map((reason, index) => (
            <Button
              key={reason}
              autoFocus={index === 0}
              onClick={() => {
                onRejecting(false);
                void onVerdict(statement, reason);
              }}
              data-testid={`reject-${RejectionReason[reason].toLowerCase()}`}
            >
              {index + 1} {t(rejectionWord[reason])}
            </Button>
          ))}
          <Button type="text" onClick={() => onRejecting(false)}>
            {t("state.cancel")}
          </Button>
        </div>
      ) : (
        <div className="row">
          {statement.status !== StatementStatus.ACCEPTED && (
            <Button type={current ? "primary" : "default"} onClick={() => void onVerdict(statement, RejectionReason.UNSPECIFIED)} data-testid={`accept-${statement.number}`}>
              {t("moderation.accept")}
            </Button>
          )}
          <Button onClick={() => onRejecting(true)} data-testid={`reject-${statement.number}`}>
            {t("moderation.reject")}
          </Button>
        </div>
      )}
    </li>
  );
}
