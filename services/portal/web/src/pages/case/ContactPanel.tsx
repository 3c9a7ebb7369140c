// How reporters can be reached: behind a purpose, and every reading is logged. Auditors see the log.
import { Alert, Button, Form, Input, Select } from "antd";
import { useRef, useState } from "react";
import { lengthOf } from "../../actions/fields.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { EmptyNote, FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Case } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { cases } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";
import { inWords } from "../../rpc/reasons.ts";
import { violationInWords } from "../../rpc/violations.ts";
import { useQuery } from "../../rpc/useQuery.ts";

export function ContactPanel({ found }: { found: Case }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const area = found.place?.areaCode ?? "";
  const [asking, setAsking] = useState(false);
  return (
    <Panel title={t("contact.title")} className="case-contact" testId="contact-panel">
      <div className="stack">
        {permits.allows("contact.read", area) &&
          (asking ? (
            <ReadingForm found={found} />
          ) : (
            <Button onClick={() => setAsking(true)} data-testid="contact-open">
              {t("contact.open")}
            </Button>
          ))}
        {permits.allows("contact.audit", area) && <Readings caseId={found.caseId} />}
      </div>
    </Panel>
  );
}

interface Reading {
  reporter: number;
  purpose: string;
}

function ReadingForm({ found }: { found: Case }) {
  const { t, language } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [contact, setContact] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());

  const read = async ({ reporter, purpose }: Reading) => {
    setBusy(true);
    setFailure(undefined);
    setContact(undefined);
    const request = { caseId: found.caseId, reporter, purpose: purpose.trim() };
    try {
      const answer = await cases.readContact(request, idempotent(intents.current.keyFor(request)));
      intents.current.done();
      setContact(answer.contact);
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const purposeRule = {
    required: true,
    validator: (_: unknown, value: unknown) =>
      lengthOf(value) >= 2 && lengthOf(value) <= 200 ? Promise.resolve() : Promise.reject(new Error(t("need.text", { min: 2, max: 200 }))),
  };
  return (
    <Form<Reading> layout="vertical" onFinish={read} initialValues={{ reporter: 1 }}>
      <p className="quiet contact-logged">{t("contact.logged")}</p>
      {found.reporterCount > 1 && (
        <Form.Item name="reporter" label={t("contact.reporter")}>
          <Select options={Array.from({ length: found.reporterCount }, (_, index) => ({ value: index + 1, label: t("contact.reporterN", { n: index + 1 }) }))} />
        </Form.Item>
      )}
      {found.reporterCount <= 1 && <Form.Item name="reporter" hidden />}
      <Form.Item name="purpose" label={t("contact.purpose")} rules={[purposeRule]}>
        <Input placeholder={t("contact.purposeHint")} />
      </Form.Item>
      {failure && <Alert type="error" showIcon title={inWords(failure, language)} description={failure.violations.map((one) => violationInWords(one.description, language)).join(" ")} />}
      {contact !== undefined && (
        <p className="contact-data" data-testid="contact-data" role="status">
          {contact || t("contact.anonymous")}
        </p>
      )}
      <Button htmlType="submit" loading={busy}>
        {t("contact.open")}
      </Button>
    </Form>
  );
}

function Readings({ caseId }: { caseId: string }) {
  const { t, language } = useSpeech();
  const { actorName } = useReference();
  const readings = useQuery(`readings:${caseId}`, (signal) => cases.listContactReadings({ caseId, pageSize: 200 }, { signal }));
  return (
    <div>
      <h3>{t("contact.readings")}</h3>
      {readings.failure && <FailureLine failure={readings.failure} onRetry={readings.reload} />}
      {readings.data?.readings.length === 0 && <EmptyNote>{t("contact.readingsEmpty")}</EmptyNote>}
      <ul className="readings">
        {readings.data?.readings.map((one) => (
          <li key={`${msOf(one.at)}-${one.staffId}-${one.reporter}`}>
            <span className="quiet">{dayAndMinute(msOf(one.at) ?? 0, language)}</span> {actorName(one.staffId)} · {t("contact.reporterN", { n: one.reporter })} · {one.purpose}
          </li>
        ))}
      </ul>
    </div>
  );
}
