// Where a procedure stands, what of it is overdue, and what is next.
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { disclosureWord, procedureStatusTone, procedureStatusWord, stepWord } from "../../format/procedures.ts";
import { DisclosureKind, type Procedure, ProcedureStatus } from "../../gen/gongzhi/deliberation/v1/procedure_pb.ts";

export function ProcedureMarks({ procedure }: { procedure: Procedure }) {
  const { t } = useSpeech();
  // What was made public after its day stays told at its station.
  const open = procedure.overdue.filter((kind) => (kind === DisclosureKind.DECISION ? !procedure.decision : !procedure.result));
  return (
    <>
      <Mark tone={procedureStatusTone[procedure.status]}>{t(procedureStatusWord[procedure.status])}</Mark>
      {open.map((kind) => (
        <Mark key={kind} tone="bad">
          {t("procedure.overdue", { what: t(disclosureWord[kind]) })}
        </Mark>
      ))}
    </>
  );
}

export function ProcedureNext({ procedure }: { procedure: Procedure }) {
  const { t } = useSpeech();
  switch (procedure.status) {
    case ProcedureStatus.OPEN:
      return t("procedure.nextStep", { step: t(stepWord[procedure.nextStep]) });
    case ProcedureStatus.RESOLVED:
      return t("procedure.nextDisclosure", { step: t(disclosureWord[DisclosureKind.DECISION]), day: procedure.decisionDueOn });
    case ProcedureStatus.DECISION_DISCLOSED:
      return t("procedure.nextDisclosure", { step: t(disclosureWord[DisclosureKind.RESULT]), day: procedure.resultDueOn });
    case ProcedureStatus.RESULT_DISCLOSED:
      return t("procedure.doneNote");
    case ProcedureStatus.FAILED:
      return t("procedure.failedNote");
    case ProcedureStatus.UNSPECIFIED:
      return null;
  }
}
