// Moderation: statements that wait first; each is accepted, or turned down with a reason of the closed list. Made for the keyboard.
import { Select } from "antd";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { EmptyNote, FailureLine, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { useNow } from "../../app/now.ts";
import { rejectionWord, stageOf, statementStatusWord } from "../../format/opinions.ts";
import { type Conversation, type Statement, StatementStatus } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { conversations } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { SeedPanel } from "./SeedPanel.tsx";
import { StatementItem } from "./StatementItem.tsx";
import { useConversation } from "./useConversation.ts";
import { useModeration } from "./useModeration.ts";
import { useModerationKeys } from "./useModerationKeys.ts";
import "../lists.css";
import "./conversations.css";

const STATUSES = [StatementStatus.WAITING, StatementStatus.ACCEPTED, StatementStatus.REJECTED, StatementStatus.UNSPECIFIED];

export default function StatementsPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  usePageTitle(t("moderation.title"));
  const query = useConversation(id);
  const back = `/conversations/${id}`;
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  if (!permits.allows("conversation.moderate", query.data.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("moderation.back"), to: back }} />;
  return <Moderation conversation={query.data} />;
}

function Moderation({ conversation }: { conversation: Conversation }) {
  const { t } = useSpeech();
  const now = useNow();
  const [search, setSearch] = useSearchParams();
  const { conversationId } = conversation;
  const status = STATUSES.find((one) => String(one) === search.get("status")) ?? StatementStatus.WAITING;
  const list = usePages(`statements:${conversationId}:${status}`, async (pageToken, signal) => {
    const answer = await conversations.listStatements({ conversationId, status, pageSize: 50, pageToken }, { signal });
    return { rows: answer.statements, nextPageToken: answer.nextPageToken };
  });
  return (
    <div className="page" data-testid="statements-page">
      <Link className="back" to={`/conversations/${conversationId}`}>
        {t("moderation.back")}
      </Link>
      <div className="page-head list-head">
        <h1>{t("moderation.title")}</h1>
        <div className="list-filters">
          <Select
            aria-label={t("moderation.filter")}
            value={status}
            onChange={(value) => setSearch({ status: String(value) }, { replace: true })}
            options={STATUSES.map((value) => ({ value, label: t(statementStatusWord[value]) }))}
            data-testid="statements-filter"
          />
        </div>
      </div>
      <p className="prewrap">{conversation.question}</p>
      <p className="quiet">{t("moderation.about")}</p>
      {stageOf(conversation, now) === "open" && <SeedPanel conversationId={conversationId} onMade={list.reload} />}
      <PagedList list={list}>
        {(rows) => <Statements key={status} conversationId={conversationId} rows={rows} status={status} onRunningOut={list.hasMore ? list.reload : undefined} />}
      </PagedList>
    </div>
  );
}

interface StatementsProps {
  conversationId: string;
  rows: readonly Statement[];
  status: StatementStatus;
  onRunningOut: (() => void) | undefined;
}

function Statements({ conversationId, rows, status, onRunningOut }: StatementsProps) {
  const { t } = useSpeech();
  const moderation = useModeration(conversationId, rows, status, onRunningOut);
  const [current, setCurrent] = useState(0);
  const { shown, last, failure } = moderation;
  const at = Math.min(current, Math.max(0, shown.length - 1));
  const keys = useModerationKeys({ shown, at, onMove: setCurrent, onVerdict: moderation.moderate });
  return (
    <div className="stack">
      <p className="quiet wide-only">{t("moderation.keys")}</p>
      <p role="status" data-testid="moderated" className="quiet">
        {last && t(last.status === StatementStatus.ACCEPTED ? "moderation.accepted" : "moderation.rejected", { n: last.number, reason: t(rejectionWord[last.rejectionReason]) })}
      </p>
      {failure && <FailureLine failure={failure} />}
      {shown.length === 0 && (
        <div className="panel">
          <EmptyNote>{t(status === StatementStatus.WAITING ? "moderation.empty.waiting" : "moderation.empty")}</EmptyNote>
        </div>
      )}
      <ol className="moderation">
        {shown.map((statement, index) => (
          <StatementItem
            key={statement.number}
            statement={statement}
            current={index === at}
            rejecting={keys.rejecting === statement.number}
            onRejecting={(on) => {
              setCurrent(index);
              keys.setRejecting(on ? statement.number : undefined);
            }}
            onVerdict={moderation.moderate}
          />
        ))}
      </ol>
    </div>
  );
}
