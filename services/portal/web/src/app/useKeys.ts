// Keys that mean something on a whole page.
import { useLayoutEffect } from "react";

/** Where keys mean something of their own. */
const TYPING = "input, textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=radio], .ant-modal";

/**
 * Hears keys wherever they are not typed into something, with no key held down beside them, and each press once.
 *
 * What hears belongs to what is on the screen: it changes together with the page, before the browser does anything else. An ordinary effect comes later, so that
 * a key pressed in between would fall on what was shown before: a judgement on the statement that is judged already.
 */
export function useKeys(onKey: (event: KeyboardEvent) => void) {
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest(TYPING) !== null;
      if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) onKey(event);
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, [onKey]);
}
