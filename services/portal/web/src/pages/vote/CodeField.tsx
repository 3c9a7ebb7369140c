// The code of a slip, typed from paper: large, forgiving, and with words for one that is not right. It stands in the page's memory and nowhere else.
import { Input, type InputRef } from "antd";
import type { Ref } from "react";
import { useSpeech } from "../../app/language.tsx";
import { type Language, say } from "../../app/words/index.ts";
import { groupedCode } from "../../format/deliberation.ts";
import type { Failure } from "../../rpc/failure.ts";
import { inWords } from "../../rpc/reasons.ts";

const WHOLE_CODE = 14;

interface CodeFieldProps {
  value: string;
  onChange: (typed: string) => void;
  problem: string;
  inputRef?: Ref<InputRef>;
}

export function CodeField({ value, onChange, problem, inputRef }: CodeFieldProps) {
  const { t } = useSpeech();
  return (
    <>
      <label htmlFor="code">
        <strong>{t("cast.code")}</strong>
      </label>
      <Input
        id="code"
        ref={inputRef}
        className="code-input cast-code"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onBlur={() => groupedCode(value) !== value && onChange(groupedCode(value))}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        aria-describedby="code-hint"
        aria-invalid={problem !== ""}
      />
      <p id="code-hint" className="quiet">
        {t("cast.codeHint")}
      </p>
      <p role="alert" className="bad">
        {problem}
      </p>
    </>
  );
}

export function isWholeCode(typed: string): boolean {
  return groupedCode(typed).length === WHOLE_CODE;
}

/** What is wrong with what was sent with a code: mostly the code. */
export function codeProblemInWords(failure: Failure, language: Language): string {
  return failure.kind === "missing" || failure.kind === "invalid" || failure.kind === "forbidden" ? say(language, "cast.wrongCode") : inWords(failure, language);
}
