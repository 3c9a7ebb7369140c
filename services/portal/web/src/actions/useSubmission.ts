// Sends a form: once per intent, with every objection at its field, and the first of them before the eyes.
import type { CallOptions } from "@connectrpc/connect";
import type { FormInstance } from "antd";
import { useRef, useState } from "react";
import { useSpeech } from "../app/language.tsx";
import { type Failure, failureOf } from "../rpc/failure.ts";
import { IntentKeys, idempotent } from "../rpc/idempotency.ts";
import { problemsOf } from "./fields.ts";

export interface Submission<Values> {
  submit: (values: Values) => Promise<void>;
  busy: boolean;
  failure: Failure | undefined;
  /** Objections that belong to no field of the form. */
  rest: string[];
}

interface Sending<Values, Answer> {
  form: FormInstance;
  /** Fields of the form by the names of the contract. */
  names: readonly string[];
  /** What is sent with the values, and makes another intent of the same values. */
  about?: unknown;
  call: (values: Values, options: CallOptions) => Promise<Answer>;
  onDone: (answer: Answer) => void;
}

export function useSubmission<Values, Answer>({ form, names, about, call, onDone }: Sending<Values, Answer>): Submission<Values> {
  const { language } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());

  const submit = async (values: Values) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const answer = await call(values, idempotent(intents.current.keyFor({ about, values })));
      intents.current.done();
      onDone(answer);
    } catch (thrown) {
      const found = failureOf(thrown);
      const { fields } = problemsOf(found, names, language);
      form.setFields(fields);
      if (fields[0]) form.scrollToField(fields[0].name, { block: "center" });
      setFailure(found);
    } finally {
      setBusy(false);
    }
  };
  return { submit, busy, failure, rest: failure ? problemsOf(failure, names, language).rest : [] };
}
