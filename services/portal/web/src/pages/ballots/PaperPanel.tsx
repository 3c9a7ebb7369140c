// Entering votes that were given on paper: the code, what it says, and on to the next. It counts when two people have entered the same.
import { Button, Form, Input, type InputRef, Radio } from "antd";
import { useRef, useState } from "react";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import type { WordKey } from "../../app/words/index.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { groupedCode, voteWord } from "../../format/deliberation.ts";
import type { Tone } from "../../format/vocabulary.ts";
import { type Ballot, Choice, PaperVoteStatus } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { ballots } from "../../rpc/deliberation.ts";

interface Paper {
  code: string;
  choice: Choice;
}

const CHOICES = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN];
const SAID: Record<PaperVoteStatus, readonly [WordKey, Tone]> = {
  [PaperVoteStatus.UNSPECIFIED]: ["state.unknown", "neutral"],
  [PaperVoteStatus.HALF_ENTERED]: ["ballot.paper.half", "warn"],
  [PaperVoteStatus.ENTERED]: ["ballot.paper.entered", "good"],
  [PaperVoteStatus.STRUCK_OUT]: ["ballot.paper.struck", "bad"],
};

export function PaperPanel({ ballot, onEntered }: { ballot: Ballot; onEntered: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [form] = Form.useForm<Paper>();
  const codeField = useRef<InputRef>(null);
  const [status, setStatus] = useState<PaperVoteStatus>();
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["code", "choice"],
    about: ballot.ballotId,
    call: ({ code, choice }: Paper, options) => ballots.enterPaperVote({ ballotId: ballot.ballotId, code, choice }, options),
    onDone: (answer) => {
      setStatus(answer.status);
      form.resetFields();
      codeField.current?.focus();
      onEntered();
    },
  });
  if (!permits.allows("ballot.enter", ballot.areaCode)) return null;
  return (
    <Panel title={t("ballot.paper")} testId="paper-votes">
      <div className="stack">
        <p className="quiet">{t("ballot.paperNote")}</p>
        {failure && <Objection failure={failure} rest={rest} />}
        <p aria-live="polite" data-testid="paper-status">
          {status !== undefined && !failure && <Mark tone={SAID[status][1]}>{t(SAID[status][0])}</Mark>}
        </p>
        <Form<Paper> form={form} layout="vertical" onFinish={submit} className="paper-form" requiredMark={false}>
          <Form.Item name="code" label={t("ballot.code")} rules={[{ validator: (_, value) => (groupedCode(String(value ?? "")).length === 14 ? Promise.resolve() : Promise.reject(new Error(t("ballot.codeNeeded")))) }]}>
            <Input ref={codeField} className="code-input" autoComplete="off" spellCheck={false} />
          </Form.Item>
          <Form.Item name="choice" label={t("ballot.paperChoice")} rules={[{ required: true, message: t("need.choice") }]}>
            <Radio.Group optionType="button" options={CHOICES.map((value) => ({ value, label: t(voteWord[value]) }))} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={busy} data-testid="enter-paper">
            {t("ballot.enter")}
          </Button>
        </Form>
      </div>
    </Panel>
  );
}
