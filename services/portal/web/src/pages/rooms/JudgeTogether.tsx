// Leads from a case to opening a room over it, for whoever may.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";

const COMMUNITY_LENGTH = 12;

export function JudgeTogether({ caseId, areaCode, className }: { caseId: string; areaCode: string; className?: string }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  if (!permits.holds("room.open")) return null;
  return (
    <Link className={className} to={`/rooms/new?case_id=${caseId}&area_code=${areaCode.slice(0, COMMUNITY_LENGTH)}`} data-testid="judge-together">
      {t("rooms.open")}
    </Link>
  );
}
