// A sign for each kind of event; the words beside it say what it means.
import {
  ArrowUpOutlined,
  BellOutlined,
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  EyeOutlined,
  FileTextOutlined,
  FormOutlined,
  PauseCircleOutlined,
  RollbackOutlined,
  SoundOutlined,
  StarOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";

const ICONS: readonly (readonly [RegExp, ComponentType])[] = [
  [/^case_registered|reporter_joined/, FormOutlined],
  [/whistle_sounded|case_whistled/, SoundOutlined],
  [/reminded/, BellOutlined],
  [/overdue|supervised/, ClockCircleOutlined],
  [/suspension/, PauseCircleOutlined],
  [/climbed/, ArrowUpOutlined],
  [/consultation|task_agreed|made_contact/, TeamOutlined],
  [/sent_back|rework|reopened|upheld/, RollbackOutlined],
  [/refused|voided|withdrawn|excused/, CloseCircleOutlined],
  [/rated/, StarOutlined],
  [/evidence/, FileTextOutlined],
  [/contact_read|visit/, EyeOutlined],
];

export function EventIcon({ event }: { event: string }) {
  const Icon = ICONS.find(([pattern]) => pattern.test(event))?.[1] ?? CheckCircleOutlined;
  return <Icon />;
}
