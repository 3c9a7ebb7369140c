// What is asked in a conversation, where it stands, how many took part, and what may be done with it.
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { closeConversation } from "../../actions/opinionSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { Mark } from "../../components/Mark.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { type Stage, stageTone } from "../../format/opinions.ts";
import { readRecord, save } from "../../format/publicRecords.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Conversation, type OpinionMap, StatementStatus } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { conversations, publicConversations } from "../../rpc/deliberation.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { useQuery } from "../../rpc/useQuery.ts";

/** As many as the list of statements gives at once. */
const COUNTED = 200;
const FEWEST_EXPORTED = 30;

interface Shown {
  conversation: Conversation;
  stage: Stage;
}

export function ConversationHead({ conversation, stage, onDone }: Shown & { onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const closes = stage !== "closed" && permits.allows("conversation.open", conversation.areaCode);
  return (
    <div className="page-head">
      <h1>{conversation.question}</h1>
      <p className="row">
        <Mark tone={stageTone[stage]}>{t(`conversation.status.${stage}`)}</Mark>
      </p>
      {conversation.closeReason && <p className="topic-reason prewrap">{t("conversation.closedEarly", { reason: conversation.closeReason })}</p>}
      {closes && <ChoiceBar choices={[{ rpc: "CloseConversation", spec: closeConversation(stage === "open"), target: { conversationId: conversation.conversationId } }]} onDone={onDone} />}
    </div>
  );
}

export function ConversationFacts({ conversation, map, stage }: Shown & { map: OpinionMap | undefined }) {
  const { t, language } = useSpeech();
  const time = (at: Conversation["openedAt"]) => dayAndMinute(msOf(at) ?? 0, language);
  const few = <span className="quiet">{t("conversation.few")}</span>;
  return (
    <Panel title={t("conversation.title")} testId="conversation-facts">
      <div className="stack">
        <Pairs>
          <Pair name={t("conversation.participants")} testId="participants">
            {map && (map.participants > 0 ? map.participants : few)}
          </Pair>
          <Pair name={t("conversation.judgements")}>{map && (map.participants > 0 ? map.judgements : few)}</Pair>
          <Pair name={t("conversation.statements")}>{map?.statements.length}</Pair>
          <Pair name={t("conversation.slips")}>{conversation.slips}</Pair>
          <Pair name={t("conversation.opened")}>{time(conversation.openedAt)}</Pair>
          <Pair name={t("conversation.closes")}>{time(conversation.closesAt)}</Pair>
          {conversation.closedAt && <Pair name={t("conversation.closed")}>{time(conversation.closedAt)}</Pair>}
        </Pairs>
        {stage !== "closed" && <p className="quiet">{t("conversation.leftOut")}</p>}
        {stage === "open" && <SlipsLine conversation={conversation} />}
        <Moderate conversation={conversation} />
        {stage === "closed" && map && <Export conversationId={conversation.conversationId} participants={map.participants} />}
      </div>
    </Panel>
  );
}

function SlipsLine({ conversation }: { conversation: Conversation }) {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const printed = msOf(conversation.slipsPrintedAt);
  const address = `${window.location.origin}/conversations/${conversation.conversationId}/say`;
  const prints = printed === undefined && permits.allows("conversation.open", conversation.areaCode);
  return (
    <>
      <p className="row">
        <span className="quiet">{t("conversation.address")}</span> <a href={address}>{address}</a> <CopyButton text={address} of={t("conversation.address")} />
      </p>
      {printed !== undefined && <p>{t("conversation.slipsPrinted", { time: dayAndMinute(printed, language) })}</p>}
      {prints && (
        <p className="row">
          <Link className="button button-primary" to={`/conversations/${conversation.conversationId}/slips`} data-testid="go-print">
            {t("conversation.slipsGo")}
          </Link>
          <span className="quiet">{t("conversation.slipsNote")}</span>
        </p>
      )}
    </>
  );
}

function Moderate({ conversation }: { conversation: Conversation }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { conversationId, areaCode } = conversation;
  const moderates = permits.allows("conversation.moderate", areaCode);
  const waiting = useQuery(moderates ? `waiting:${conversationId}` : undefined, async (signal) => {
    const answer = await conversations.listStatements({ conversationId, status: StatementStatus.WAITING, pageSize: COUNTED }, { signal });
    return `${answer.statements.length}${answer.nextPageToken === "" ? "" : "+"}`;
  });
  if (!moderates) return null;
  return (
    <p className="row">
      <Link className="button" to={`/conversations/${conversationId}/statements`} data-testid="go-moderate">
        {t("conversation.moderateGo")}
      </Link>
      {waiting.data && waiting.data !== "0" && <Mark tone="warn">{t("conversation.waiting", { n: waiting.data })}</Mark>}
    </p>
  );
}

function Export({ conversationId, participants }: { conversationId: string; participants: number }) {
  const { t } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  if (participants < FEWEST_EXPORTED) return <p className="quiet">{t("conversation.exportFew")}</p>;
  const download = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { bytes } = await readRecord(publicConversations.exportConversation({ conversationId }, { timeoutMs: 60_000 }));
      save(bytes, `conversation-${conversationId}.json`);
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {failure && <FailureLine failure={failure} />}
      <p className="row">
        <Button onClick={() => void download()} loading={busy} data-testid="export">
          {t("conversation.export")}
        </Button>
        <span className="quiet">{t("conversation.exportNote")}</span>
      </p>
    </>
  );
}
