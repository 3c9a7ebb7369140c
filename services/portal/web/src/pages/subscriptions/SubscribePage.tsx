// Makes a subscription: who and by what right, what, how it gets there.
import { App, Button, Form } from "antd";
import { Link, useNavigate, useSearchParams } from "react-router";
import { StartChoice } from "../../actions/exchangeSpecs.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { type Grant, DeliveryWay, GrantStatus, SignatureScheme } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { grants, subscriptions } from "../../rpc/exchange.ts";
import { organizationOf } from "../../format/organizations.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { HowPart } from "./HowPart.tsx";
import { WhatPart } from "./WhatPart.tsx";
import { WhoPart } from "./WhoPart.tsx";
import { requestOf, WANTED_NAMES, type Wanted } from "./wanted.ts";
import "../grants/grants.css";
import "./subscriptions.css";

export default function SubscribePage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const [form] = Form.useForm<Wanted>();
  usePageTitle(t("subscribe.title"));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: WANTED_NAMES,
    call: (wanted: Wanted, options) => subscriptions.subscribe(requestOf(wanted), options),
    onDone: ({ subscription }) => {
      message.success(t("subscribe.done"));
      navigate(subscription ? `/subscriptions/${subscription.subscriptionId}` : "/subscriptions");
    },
  });

  const fact = query.get("fact");
  const initial: Partial<Wanted> = {
    organization: query.get("organization") ?? permits.organizationsOf("subscription.manage")[0] ?? "",
    name: "",
    grantId: query.get("grant") ?? "",
    facts: fact ? [fact] : [],
    areaCodes: [],
    audiences: [],
    condition: "",
    way: DeliveryWay.PULL,
    url: "",
    scheme: SignatureScheme.ED25519,
    allowedNetworks: "",
    start: StartChoice.NOW,
  };
  const organization = Form.useWatch("organization", form) ?? initial.organization ?? "";
  const grantId = Form.useWatch("grantId", form) ?? initial.grantId ?? "";
  const offered = useGrantsOf(permits.holds("grant.read") ? organization : "");
  const grant = offered?.find((one) => one.grantId === grantId);

  if (!permits.holds("subscription.manage")) return <Notice title={t("subscribe.noPost")} action={{ label: t("subscriptions.back"), to: "/subscriptions" }} />;
  return (
    <div className="page page-narrow" data-testid="subscribe-page">
      <Link className="back" to="/subscriptions">
        {t("subscriptions.back")}
      </Link>
      <h1>{t("subscribe.title")}</h1>
      {failure && <Objection failure={failure} rest={rest} />}
      <Form<Wanted> form={form} layout="vertical" initialValues={initial} onFinish={submit} scrollToFirstError disabled={busy}>
        <WhoPart organization={organization} grants={offered} />
        <WhatPart grant={grant} />
        <HowPart />
        <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-subscription">
          {t("subscribe.submit")}
        </Button>
      </Form>
    </div>
  );
}

/** The grants of an organization that are in force; undefined until they are read. */
function useGrantsOf(organization: string): readonly Grant[] | undefined {
  const grantee = organizationOf(organization);
  const read = useQuery(grantee && `grants-in-force:${organization}`, (signal) =>
    grants.listGrants({ ...(grantee && { grantee }), statuses: [GrantStatus.APPROVED], pageSize: 200 }, { signal }),
  );
  return read.data?.grants;
}
