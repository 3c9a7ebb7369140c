// One accent, neutral greys, dense controls. Everything else follows from the tokens.
import type { ThemeConfig } from "antd";

export const FONT_STACK =
  '"PingFang SC", "HarmonyOS Sans SC", "Source Han Sans SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, -apple-system, "Segoe UI", sans-serif';

export const ACCENT = "#b3261e";
export const INK = "#1f2328";

export const theme: ThemeConfig = {
  token: {
    colorPrimary: ACCENT,
    colorError: ACCENT,
    colorWarning: "#8a5300",
    colorSuccess: "#2f6b3c",
    colorErrorBg: "#fbeceb",
    colorErrorBorder: "#e3b1ae",
    colorWarningBg: "#fbf3e2",
    colorWarningBorder: "#e6cf9f",
    colorSuccessBg: "#eaf4ec",
    colorSuccessBorder: "#b9d8c0",
    colorInfoBg: "#eef0f2",
    colorInfoBorder: "#c9ced4",
    colorInfo: "#4a5560",
    colorLink: INK,
    colorTextBase: INK,
    colorTextDescription: "#59636e",
    colorTextPlaceholder: "#6b7480",
    colorBorder: "#c9ced4",
    colorBorderSecondary: "#e2e5e9",
    colorBgLayout: "#f4f5f7",
    borderRadius: 6,
    fontFamily: FONT_STACK,
    fontSize: 14,
    controlHeight: 34,
    wireframe: false,
    motionDurationMid: "0.12s",
    motionDurationSlow: "0.16s",
  },
  components: {
    Form: { itemMarginBottom: 22, verticalLabelPadding: "0 0 4px" },
    Segmented: { trackBg: "#e6e8eb" },
    Button: { primaryShadow: "none", defaultShadow: "none" },
  },
};
