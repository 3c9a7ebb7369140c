// What a service had against a form, at its head; what belongs to a field stands there.
import { Alert } from "antd";
import { useSpeech } from "../app/language.tsx";
import type { Failure } from "../rpc/failure.ts";
import { inWords } from "../rpc/reasons.ts";

export function Objection({ failure, rest }: { failure: Failure; rest: readonly string[] }) {
  const { language } = useSpeech();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      data-testid="action-error"
      title={inWords(failure, language)}
      description={
        rest.length > 0 && (
          <ul>
            {rest.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )
      }
    />
  );
}
