// The roll of a ballot that is prepared: areas pasted one per line, or how many heads. It is entered in batches; one that stopped goes on where it stopped.
import { App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { areaInWords, batchesOf, readRoll, type RollRow } from "../../format/deliberation.ts";
import type { Ballot } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { ballots } from "../../rpc/deliberation.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";

const BATCH = 2000;
const MOST = 100_000;

export function RollPanel({ ballot, onEntered }: { ballot: Ballot; onEntered: (ballot: Ballot) => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { message } = App.useApp();
  const [given, setGiven] = useState("");
  // Lines of the list that are on the roll already: a batch that failed is not entered twice.
  const [done, setDone] = useState(0);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const byArea = ballot.threshold?.byArea === true;
  const roll = byArea ? readRoll(given) : { rows: headsOf(given), wrong: [] };
  const fits = roll.rows.length >= 1 && roll.rows.length <= MOST && roll.wrong.length === 0;
  if (!permits.allows("ballot.prepare", ballot.areaCode)) return null;

  const enter = async () => {
    setBusy(true);
    setFailure(undefined);
    let entered = done;
    let first = ballot.electors + 1;
    try {
      for (const electors of batchesOf(roll.rows.slice(done), BATCH)) {
        const answer = await ballots.enterElectors({ ballotId: ballot.ballotId, firstNumber: first, electors }, idempotent(freshKey()));
        entered += electors.length;
        first += electors.length;
        setDone(entered);
        if (answer.ballot) onEntered(answer.ballot);
      }
      message.success(t("ballot.rollDone"));
      setGiven("");
      setDone(0);
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={t("ballot.roll")} testId="roll">
      <div className="stack">
        <p className="quiet">{t("ballot.rollNote")}</p>
        {failure && <FailureLine failure={failure} />}
        <Form layout="vertical" onFinish={() => void enter()} disabled={busy}>
          <Form.Item label={t(byArea ? "ballot.rollAreas" : "ballot.rollHeads")} htmlFor="roll" extra={byArea && t("ballot.rollAreasHint")}>
            {byArea ? (
              <Input.TextArea id="roll" className="code" value={given} onChange={(event) => change(event.target.value)} autoSize={{ minRows: 6, maxRows: 16 }} />
            ) : (
              <Input id="roll" type="number" min={1} max={MOST} value={given} onChange={(event) => change(event.target.value)} />
            )}
          </Form.Item>
          <div className="stack" aria-live="polite">
            {byArea && roll.rows.length > 0 && <p>{t("ballot.rollRead", { n: roll.rows.length, area: areaInWords(sumOf(roll.rows)) })}</p>}
            {roll.wrong.length > 0 && <p className="bad">{t("ballot.rollWrong", { lines: roll.wrong.slice(0, 12).join(", ") })}</p>}
            {busy && <p>{t("ballot.rollEntering", { done, all: roll.rows.length })}</p>}
            {!busy && failure && done > 0 && <p className="bad">{t("ballot.rollStopped", { done })}</p>}
            <Button type="primary" htmlType="submit" loading={busy} disabled={!fits} data-testid="enter-roll">
              {t("ballot.rollEnter")}
            </Button>
          </div>
        </Form>
      </div>
    </Panel>
  );

  function change(text: string) {
    setGiven(text);
    setDone(0);
    setFailure(undefined);
  }
}

function headsOf(text: string): RollRow[] {
  const count = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
  return count > MOST ? [] : Array.from({ length: count }, () => ({ area: 0n, unsold: false }));
}

function sumOf(rows: readonly RollRow[]): bigint {
  return rows.reduce((sum, row) => sum + row.area, 0n);
}
