// The code of a slip: large, forgiving about capitals, blanks and hyphens, with what is wrong below it.
import { Input, type InputRef } from "antd";
import type { Ref } from "react";
import { useSpeech } from "../../app/language.tsx";
import { type Language, say } from "../../app/words/index.ts";
import { BALLOT_CODE, type CodeShape, groupedCode } from "../../format/deliberation.ts";
import type { Failure } from "../../rpc/failure.ts";
import { inWords } from "../../rpc/reasons.ts";

interface CodeFieldProps {
  value: string;
  onChange: (typed: string) => void;
  hint: string;
  problem: string;
  shape?: CodeShape;
  onEnter?: () => void;
  ref?: Ref<InputRef>;
}

export function CodeField({ value, onChange, hint, problem, shape = BALLOT_CODE, onEnter, ref }: CodeFieldProps) {
  const { t } = useSpeech();
  return (
    <div className="code-field">
      <label htmlFor="code">
        <strong>{t("cast.code")}</strong>
      </label>
      <Input
        id="code"
        ref={ref ?? null}
        className="code-input cast-code"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onBlur={() => groupedCode(value, shape) !== value && onChange(groupedCode(value, shape))}
        onPressEnter={onEnter}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        aria-describedby="code-hint code-problem"
        aria-invalid={problem !== ""}
      />
      <p id="code-hint" className="quiet">
        {hint}
      </p>
      <p id="code-problem" role="alert" className="bad">
        {problem}
      </p>
    </div>
  );
}

/** What is wrong with what was sent with a code: mostly the code. */
export function codeProblemInWords(failure: Failure, language: Language): string {
  return failure.kind === "missing" || failure.kind === "invalid" || failure.kind === "forbidden" ? say(language, "cast.wrongCode") : inWords(failure, language);
}
