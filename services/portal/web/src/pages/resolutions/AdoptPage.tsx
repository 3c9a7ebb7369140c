// Adopts a resolution on a ballot: what is resolved, and its goals with owner, day and money.
import { App, Button, Form, Input } from "antd";
import { useEffect, useRef } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { hundredthsOf } from "../../format/deliberation.ts";
import { BallotOutcome, type Ballot } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { GoalKind } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { balances, ballots, resolutions } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { type GoalValues, GoalsInput } from "./GoalsInput.tsx";
import "../topics/topics.css";

interface Wanted {
  text: string;
  goals: GoalValues[];
}

export default function AdoptPage() {
  const { id = "" } = useParams();
  const [query] = useSearchParams();
  const { t } = useSpeech();
  const ballotId = query.get("ballot") ?? "";
  const read = useQuery(ballotId ? `ballot:${ballotId}` : undefined, async (signal) => (await ballots.getBallot({ ballotId }, { signal })).ballot);
  usePageTitle(t("adopt.title"));
  const back = `/topics/${id}`;
  if (!ballotId) return <Notice title={t("adopt.noBasis")} action={{ label: t("ballot.back"), to: back }} />;
  if (!read.data) return read.failure ? <Unreadable failure={read.failure} onRetry={read.reload} back={{ label: t("ballot.back"), to: back }} /> : <PageSkeleton blocks={1} />;
  if (read.data.outcome !== BallotOutcome.ADOPTED) return <Notice title={t("adopt.noBasis")} action={{ label: t("ballot.back"), to: back }} />;
  return <AdoptForm topicId={id} ballot={read.data} />;
}

function AdoptForm({ topicId, ballot }: { topicId: string; ballot: Ballot }) {
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Wanted>();
  useCommonGoals((text) => form.getFieldValue("text") || form.setFieldValue("text", text));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["text"],
    about: { topicId, ballotId: ballot.ballotId },
    call: (wanted: Wanted, options) =>
      resolutions.adoptResolution({ topicId, text: wanted.text.trim(), basis: { basis: { case: "ballotId", value: ballot.ballotId } }, goals: wanted.goals.map(draftOf) }, options),
    onDone: ({ resolution }) => {
      message.success(t("adopt.done"));
      navigate(resolution ? `/resolutions/${resolution.resolutionId}` : `/topics/${topicId}`);
    },
  });
  return (
    <div className="page page-narrow" data-testid="adopt-page">
      <Link className="back" to={`/topics/${topicId}`}>
        {t("ballot.back")}
      </Link>
      <div className="page-head">
        <h1>{t("adopt.title")}</h1>
        <p className="quiet">{t("adopt.note")}</p>
        <p>
          {t("resolution.basis")}: <Link to={`/ballots/${ballot.ballotId}`}>{ballot.question}</Link>
        </p>
        {ballot.signatures.length < 2 && <p className="topic-reason">{t("adopt.unsigned")}</p>}
      </div>
      <div className="panel">
        <div className="panel-body stack">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={{ goals: [{ kind: GoalKind.CASE }] }} onFinish={submit} scrollToFirstError disabled={busy}>
            <Form.Item name="text" label={t("adopt.text")} rules={rulesOf({ kind: "text", name: "text", label: "adopt.text", min: 5, max: 2000 }, language)}>
              <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} count={{ show: true, max: 2000, strategy: lengthOf }} />
            </Form.Item>
            <GoalsInput />
            <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-adopt">
              {t("adopt.submit")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}

function draftOf(goal: GoalValues) {
  return {
    text: goal.text.trim(),
    kind: goal.kind,
    categoryCode: goal.categoryCode ?? "",
    departmentCodes: goal.kind === GoalKind.WHISTLE ? (goal.departmentCodes ?? []) : [],
    dueOn: goal.dueOn,
    amountFen: hundredthsOf(goal.money ?? "") ?? 0n,
  };
}

/** Reads the common goals of the balance that the address names, where the parties have agreed on some. */
function useCommonGoals(take: (text: string) => void): void {
  const [query] = useSearchParams();
  const balanceId = query.get("balance") ?? "";
  const goals = useQuery(balanceId ? `balance:${balanceId}` : undefined, async (signal) => (await balances.getBalance({ balanceId }, { signal })).balance?.commonGoals ?? "").data;
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    if (goals) latest.current(goals);
  }, [goals]);
}
