// Adopts a resolution on what was decided, by a ballot, a meeting or a procedure: what is resolved, and its goals with owner, day and money.
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
import { GoalKind } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { balances, resolutions } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { askedOf, basisInWords, basisOf, type DecidedBasis } from "./basis.ts";
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
  const asked = askedOf(query);
  const read = useQuery(asked && `basis:${asked.of}:${asked.id}:${asked.number}`, (signal) => basisOf(asked!, id, signal));
  usePageTitle(t("adopt.title"));
  const back = `/topics/${id}`;
  if (!asked) return <Notice title={t("adopt.noBasis")} action={{ label: t("ballot.back"), to: back }} />;
  if (!read.data) return read.failure ? <Unreadable failure={read.failure} onRetry={read.reload} back={{ label: t("ballot.back"), to: back }} /> : <PageSkeleton blocks={1} />;
  if (read.data === "undecided") return <Notice title={t("adopt.noBasis")} action={{ label: t("ballot.back"), to: back }} />;
  return <AdoptForm topicId={id} decided={read.data} />;
}

function AdoptForm({ topicId, decided }: { topicId: string; decided: DecidedBasis }) {
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Wanted>();
  useCommonGoals((text) => form.getFieldValue("text") || form.setFieldValue("text", text));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["text"],
    about: { topicId, to: decided.to },
    call: (wanted: Wanted, options) => resolutions.adoptResolution({ topicId, text: wanted.text.trim(), basis: { basis: decided.basis }, goals: wanted.goals.map(draftOf) }, options),
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
        <p data-testid="adopt-basis">
          {t("resolution.basis")}: {basisInWords(decided.basis, language)} · <Link to={decided.to}>{decided.name}</Link>
        </p>
        {decided.unsigned && <p className="topic-reason">{t("adopt.unsigned")}</p>}
      </div>
      <div className="panel">
        <div className="panel-body stack">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={{ text: decided.text, goals: [{ kind: GoalKind.CASE }] }} onFinish={submit} scrollToFirstError disabled={busy}>
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
