// Where a resident takes part in a conversation: what is asked, the code of the slip, one statement after the other, an own statement, and what was said so far. Nobody
// signs in, no cookie goes along, and the code is gone with the page.
import { Button, type InputRef } from "antd";
import { useRef, useState } from "react";
import { useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { ErrorNotice, Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { groupedCode, isWholeCode } from "../../format/deliberation.ts";
import { stageOf } from "../../format/opinions.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { ConversationNotice } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { publicConversations } from "../../rpc/deliberation.ts";
import { failureOf } from "../../rpc/failure.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { CodeField, codeProblemInWords } from "../vote/CodeField.tsx";
import { OpenFrame } from "../vote/OpenFrame.tsx";
import { JudgePart } from "./JudgePart.tsx";
import { MinePart } from "./MinePart.tsx";
import { OwnPart } from "./OwnPart.tsx";
import { readSlip, type Slip, useSlip } from "./useSlip.ts";
import "../topics/topics.css";
import "./say.css";

export default function SayPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("say.title"));
  const query = useQuery(`notice:${id}`, async (signal) => {
    const { notice } = await publicConversations.getConversationNotice({ conversationId: id }, { signal });
    if (!notice) throw new TypeError("the answer holds no notice");
    return notice;
  });
  const missing = query.failure?.kind === "missing" || query.failure?.kind === "invalid";
  return (
    <OpenFrame>
      {query.failure && (missing ? <Notice title={t("say.none")} /> : <ErrorNotice failure={query.failure} onRetry={query.reload} />)}
      {!query.failure && !query.data && <PageSkeleton blocks={1} />}
      {query.data && <Conversation id={id} notice={query.data} />}
    </OpenFrame>
  );
}

function Conversation({ id, notice }: { id: string; notice: ConversationNotice }) {
  const { t, language } = useSpeech();
  const now = useNow();
  const [slip, setSlip] = useState<Slip>();
  const goesOn = stageOf(notice, now) === "open";
  return (
    <div className="stack" data-testid="say-page">
      <header className="stack say-asked">
        <p className="quiet">{t("say.asked")}</p>
        <h1 data-testid="say-question">{notice.question}</h1>
        {goesOn ? (
          <p className="quiet">{t("say.until", { time: dayAndMinute(msOf(notice.closesAt) ?? 0, language) })}</p>
        ) : (
          <p className="topic-reason" role="status">
            {t("say.ended")}
          </p>
        )}
      </header>
      {slip ? <WithSlip key={slip.code} conversationId={id} slip={slip} goesOn={goesOn} onLeave={() => setSlip(undefined)} /> : <StartForm conversationId={id} goesOn={goesOn} onStart={setSlip} />}
    </div>
  );
}

function StartForm({ conversationId, goesOn, onStart }: { conversationId: string; goesOn: boolean; onStart: (slip: Slip) => void }) {
  const { t, language } = useSpeech();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const codeField = useRef<InputRef>(null);

  const start = async () => {
    if (!isWholeCode(code)) {
      setProblem(t("ballot.codeNeeded"));
      codeField.current?.focus();
      return;
    }
    setBusy(true);
    try {
      onStart(await readSlip(conversationId, groupedCode(code), goesOn));
    } catch (thrown) {
      setProblem(codeProblemInWords(failureOf(thrown), language));
      setBusy(false);
      codeField.current?.focus();
    }
  };
  return (
    <form
      className="panel"
      data-testid="say-start"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <div className="panel-body stack">
        {goesOn && <p>{t("say.intro")}</p>}
        <CodeField
          ref={codeField}
          value={code}
          onChange={(typed) => {
            setCode(typed);
            setProblem("");
          }}
          hint={t("cast.codeHint")}
          problem={problem}
        />
        <div className="cast-choices">
          <Button type="primary" size="large" htmlType="submit" loading={busy} data-testid="say-begin">
            {t("say.start")}
          </Button>
        </div>
        <p className="quiet">{t("say.kept")}</p>
      </div>
    </form>
  );
}

function WithSlip({ conversationId, slip, goesOn, onLeave }: { conversationId: string; slip: Slip; goesOn: boolean; onLeave: () => void }) {
  const { t } = useSpeech();
  const saying = useSlip(conversationId, slip);
  return (
    <>
      {goesOn && <JudgePart saying={saying} />}
      {goesOn && <OwnPart conversationId={conversationId} code={slip.code} left={saying.ownLeft} onMade={saying.noteMade} />}
      <MinePart saying={saying} goesOn={goesOn} />
      <Button onClick={onLeave} data-testid="say-other">
        {t("say.other")}
      </Button>
    </>
  );
}
