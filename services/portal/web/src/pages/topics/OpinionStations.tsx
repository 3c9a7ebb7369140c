// What a topic is talked about with before it is decided: conversations of residents, balances between parties.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { openConversation } from "../../actions/opinionSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { Panel } from "../../components/Panel.tsx";
import { balanceStatusTone, balanceStatusWord, partiesInWords } from "../../format/balances.ts";
import { goesOn } from "../../format/deliberation.ts";
import { stageOf, stageTone } from "../../format/opinions.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Balance } from "../../gen/gongzhi/deliberation/v1/balance_pb.ts";
import type { Conversation } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import type { Topic } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { balances, conversations } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";

export function ConversationsStation({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const opens = useMayOpen(topic, "conversation.open");
  const list = usePages(`conversations:${topic.topicId}`, async (pageToken, signal) => {
    const answer = await conversations.listConversations({ topicId: topic.topicId, pageSize: 50, pageToken }, { signal });
    return { rows: answer.conversations, nextPageToken: answer.nextPageToken };
  });
  // Of a topic that is over nothing is said that was never begun.
  if (!goesOn(topic) && list.rows?.length === 0) return null;
  return (
    <Panel title={t("conversation.station")} testId="station-conversations">
      <div className="stack">
        <PagedList list={list}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyNote>{t("conversation.none")}</EmptyNote>
            ) : (
              <ul className="similar">
                {rows.map((one) => (
                  <ConversationItem key={one.conversationId} conversation={one} />
                ))}
              </ul>
            )
          }
        </PagedList>
        {opens && <ChoiceBar choices={[{ rpc: "OpenConversation", spec: openConversation, target: { topicId: topic.topicId } }]} onDone={list.reload} />}
      </div>
    </Panel>
  );
}

function ConversationItem({ conversation }: { conversation: Conversation }) {
  const { t, language } = useSpeech();
  const stage = stageOf(conversation, useNow());
  const time = (at: Conversation["openedAt"]) => dayAndMinute(msOf(at) ?? 0, language);
  return (
    <li>
      <span className="row">
        <Mark tone={stageTone[stage]}>{t(`conversation.status.${stage}`)}</Mark>
        <Link to={`/conversations/${conversation.conversationId}`}>{conversation.question}</Link>
      </span>
      <span className="quiet">{t("conversation.fromTo", { from: time(conversation.openedAt), to: time(conversation.closedAt ?? conversation.closesAt) })}</span>
    </li>
  );
}

export function BalancesStation({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const opens = useMayOpen(topic, "balance.record");
  const list = usePages(`balances:${topic.topicId}`, async (pageToken, signal) => {
    const answer = await balances.listBalances({ topicId: topic.topicId, pageSize: 20, pageToken }, { signal });
    return { rows: answer.balances, nextPageToken: answer.nextPageToken };
  });
  // Of a topic that is over nothing is said that was never begun.
  if (!goesOn(topic) && list.rows?.length === 0) return null;
  return (
    <Panel title={t("balance.station")} testId="station-balances">
      <div className="stack">
        <PagedList list={list}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyNote>{t("balance.none")}</EmptyNote>
            ) : (
              <ul className="similar">
                {rows.map((one) => (
                  <BalanceItem key={one.balanceId} balance={one} />
                ))}
              </ul>
            )
          }
        </PagedList>
        {opens && (
          <p>
            <Link className="button" to={`/topics/${topic.topicId}/balances/new`} data-testid="open-balance">
              {t("balance.openGo")}
            </Link>
          </p>
        )}
      </div>
    </Panel>
  );
}

function BalanceItem({ balance }: { balance: Balance }) {
  const { t, language } = useSpeech();
  const codes = balance.parties.map((party) => party.code);
  return (
    <li>
      <span className="row">
        <Mark tone={balanceStatusTone[balance.status]}>{t(balanceStatusWord[balance.status])}</Mark>
        <Link to={`/balances/${balance.balanceId}`}>{partiesInWords(balance, codes, language)}</Link>
      </span>
      <span className="quiet">
        {t("balance.round", { n: balance.round })} · {t("balance.openedAt", { time: dayAndMinute(msOf(balance.openedAt) ?? 0, language) })}
      </span>
    </li>
  );
}

/** True while the topic goes on and the caller may open such a thing on it. */
function useMayOpen(topic: Topic, permission: string): boolean {
  const { permits } = usePerson();
  return goesOn(topic) && permits.allows(permission, topic.areaCode.slice(0, 12));
}
