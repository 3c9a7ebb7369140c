// The ways between topics, agendas, meetings, procedures and resolutions of an area, and the choice of the area.
import { Select } from "antd";
import { NavLink } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";

export function DeliberationTabs({ area }: { area: string }) {
  const { t } = useSpeech();
  const query = area ? `?area=${area}` : "";
  return (
    <nav className="sub-nav" aria-label={t("nav.topics")}>
      <NavLink to={`/topics${query}`} end>
        {t("topic.life.topics")}
      </NavLink>
      <NavLink to={`/agendas${query}`} end>
        {t("topics.agendas")}
      </NavLink>
      <NavLink to={`/meetings${query}`} end>
        {t("topics.meetings")}
      </NavLink>
      <NavLink to={`/procedures${query}`} end>
        {t("topics.procedures")}
      </NavLink>
      <NavLink to={`/resolutions${query}`} end>
        {t("topics.resolutions")}
      </NavLink>
    </nav>
  );
}

export function AreaChoice({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { divisions, areaName } = useReference();
  const areas = [...new Set([value, ...divisions.keys()])].filter((code) => permits.allows("topic.read", code)).sort();
  return <Select aria-label={t("cases.area")} value={value} onChange={onChange} showSearch={{ optionFilterProp: "label" }} popupMatchSelectWidth={false} options={areas.map((code) => ({ value: code, label: areaName(code) }))} />;
}
